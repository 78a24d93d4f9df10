/** The numbers of a recording: the weights of each frame, and the passes of each row through it. */

import { drawnOf, Layout, Moment } from "#page/moments.js";

/** @import { Recording } from "#page/recording.js" */

/**
 * @param {string} text Base64 of little-endian floats.
 * @param {4 | 8} bytes
 */
export function decoded(text, bytes) {
  const raw = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return bytes === 8 ? new Float64Array(raw.buffer) : new Float32Array(raw.buffer);
}

/** All moments of a recording. */
export class Numbers {
  /** @param {Recording} recording */
  constructor(recording) {
    this.recording = recording;
    this.values = decoded(recording.numbers.data, recording.numbers.bytes);
    this.layout = new Layout(recording, drawnOf(recording));
    this.ofFrame = this.layout.start + this.layout.ofRow * recording.rows.length;
  }

  /**
   * @param {number} frame
   * @param {number} row
   */
  at(frame, row) {
    const { frames, rows } = this.recording;
    return new Moment(this.recording, this.layout, this.values, {
      frame: frames[frame],
      row: rows[row],
      prediction: frames[frame].predictions[row],
      first: frame * this.ofFrame,
      place: row,
    });
  }
}
