/** A moment of a network that trains: a binary frame of the server, and the row that passes through. */

import { drawnOf, Layout, Moment } from "#page/moments.js";

/**
 * @import { FrameHeader } from "#page/messages.js"
 * @import { Picture, Row } from "#page/recording.js"
 */

/**
 * @typedef {{ header: FrameHeader, values: Float32Array | Float64Array }} LiveFrame
 */

/**
 * The parts of a frame: the length of its header, the header, blanks up to a multiple of 8, the numbers.
 * @param {ArrayBuffer} buffer
 * @returns {LiveFrame}
 */
export function frameOf(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  /** @type {FrameHeader} */
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = Math.ceil((4 + length) / 8) * 8;
  return { header, values: header.bytes === 8 ? new Float64Array(buffer, start) : new Float32Array(buffer, start) };
}

/** @type {WeakMap<Picture, Map<string, Layout>>} */
const known = new WeakMap();

/**
 * The layout of a picture's frames, with the weights of a neuron that is not drawn if the server sends them.
 * @param {Picture} picture
 * @param {FrameHeader} header
 */
function layoutOf(picture, { beside }) {
  const layouts = known.get(picture) ?? new Map();
  known.set(picture, layouts);
  const key = String(beside);
  const found = layouts.get(key);
  if (found !== undefined) return found;
  const made = new Layout(
    picture,
    drawnOf(picture).map((drawn, l) => (beside !== null && beside[0] === l ? [...drawn, beside[1]] : drawn)),
  );
  layouts.set(key, made);
  return made;
}

/**
 * @param {Picture} picture
 * @param {LiveFrame} frame
 * @param {Row} row The row that `frame.header.row` names.
 */
export function liveMoment(picture, { header, values }, row) {
  const { epoch, step, learning_rate, parameters, predictions, edits, costs, widest } = header;
  // Moments are kept, so theirs is not the whole header, which also holds points of the curves.
  const frame = { epoch, step, learning_rate, parameters, predictions, edits, costs, widest };
  return new Moment(picture, layoutOf(picture, header), values, { frame, row, prediction: predictions[0] ?? [] });
}
