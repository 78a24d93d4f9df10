/** The numbers of a recording: the weights of each frame, and the passes of each row through it. */

/** @import { Connection, Recording } from "#page/recording.js" */

/**
 * @param {string} text Base64 of little-endian floats.
 * @param {4 | 8} bytes
 */
export function decoded(text, bytes) {
  const raw = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return bytes === 8 ? new Float64Array(raw.buffer) : new Float32Array(raw.buffer);
}

/** Places of the values in a frame: see `glassnet/studio/recording/numbers.py`. */
export class Numbers {
  /** @param {Recording} recording */
  constructor(recording) {
    this.recording = recording;
    const { sizes, scene, layers, rows } = recording;
    this.values = decoded(recording.numbers.data, recording.numbers.bytes);
    /** @type {Map<number, number>[]} The place of each drawn neuron in its layer. */
    this.places = scene.layers.map(({ drawn }) => new Map(drawn.map((index, place) => [index, place])));
    let at = 0;
    /** @param {number} size */
    const next = (size) => (at += size) - size;
    this.parameters = layers.map((layer, l) => {
      const n = scene.layers[l + 1].drawn.length;
      return { W: next(n * sizes[l]), b: layer.has_bias ? next(n) : -1, slope: layer.has_slope ? next(n) : -1 };
    });
    this.start = at;
    at = 0;
    this.inputs = recording.has_front ? next(sizes[0]) : -1;
    this.passes = layers.map((_, l) => {
      const [n, size] = [scene.layers[l + 1].drawn.length, sizes[l + 1]];
      return { a: next(size), delta: next(size), z: next(n), dE_da: next(n) };
    });
    this.losses = next(sizes[sizes.length - 1]);
    this.ofRow = at;
    this.ofFrame = this.start + at * rows.length;
  }

  /**
   * @param {number} frame
   * @param {number} row
   */
  at(frame, row) {
    return new Moment(this, frame, row);
  }
}

/** One row in one frame. Layers are counted from 0, the inputs; neurons are named by their index in the layer. */
export class Moment {
  /**
   * @param {Numbers} numbers
   * @param {number} frame
   * @param {number} row
   */
  constructor(numbers, frame, row) {
    this.numbers = numbers;
    this.recording = numbers.recording;
    this.frame = this.recording.frames[frame];
    this.row = this.recording.rows[row];
    this.prediction = this.frame.predictions[row];
    this.first = frame * numbers.ofFrame;
    this.ofRow = this.first + numbers.start + row * numbers.ofRow;
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  place(l, j) {
    const place = this.numbers.places[l].get(j);
    if (place === undefined) throw new Error(`neuron ${j} of layer ${l} is not drawn`);
    return place;
  }

  /** @param {Connection} connection */
  weight({ layer, j, k }) {
    const { W, b } = this.numbers.parameters[layer - 1];
    const place = this.place(layer, j);
    if (k === null) return b < 0 ? 0 : this.numbers.values[this.first + b + place];
    return this.numbers.values[this.first + W + place * this.recording.sizes[layer - 1] + k];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  slope(l, j) {
    const { slope } = this.numbers.parameters[l - 1];
    return slope < 0 ? null : this.numbers.values[this.first + slope + this.place(l, j)];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  a(l, j) {
    if (l > 0) return this.numbers.values[this.ofRow + this.numbers.passes[l - 1].a + j];
    return this.row.X === null ? this.numbers.values[this.ofRow + this.numbers.inputs + j] : this.row.X[j];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  delta(l, j) {
    return this.numbers.values[this.ofRow + this.numbers.passes[l - 1].delta + j];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  z(l, j) {
    return this.numbers.values[this.ofRow + this.numbers.passes[l - 1].z + this.place(l, j)];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  dE_da(l, j) {
    return this.numbers.values[this.ofRow + this.numbers.passes[l - 1].dE_da + this.place(l, j)];
  }

  /** @param {number} j */
  loss(j) {
    return this.numbers.values[this.ofRow + this.numbers.losses + j];
  }

  /** The cost of this row: the sum over its outputs. */
  get cost() {
    const n = this.recording.sizes[this.recording.sizes.length - 1];
    return Array.from({ length: n }, (_, j) => this.loss(j)).reduce((total, loss) => total + loss, 0);
  }
}
