/** The numbers of one row in one frame, whether they were recorded or come from a network that trains. */

/** @import { Connection, Frame, Picture, Row } from "#page/recording.js" */

/** Where the values of a frame stand: see `glassnet/studio/recording/numbers.py`. */
export class Layout {
  /**
   * @param {Picture} picture
   * @param {number[][]} kept The neurons of each layer whose weights are in the frame.
   */
  constructor({ sizes, layers, has_front }, kept) {
    /** @type {Map<number, number>[]} The place of each kept neuron among those of its layer. */
    this.places = kept.map((indices) => new Map(indices.map((index, place) => [index, place])));
    let at = 0;
    /** @param {number} size */
    const next = (size) => (at += size) - size;
    this.parameters = layers.map((layer, l) => {
      const n = kept[l + 1].length;
      return { W: next(n * sizes[l]), b: layer.has_bias ? next(n) : -1, slope: layer.has_slope ? next(n) : -1 };
    });
    /** The place of the first row. */
    this.start = at;
    at = 0;
    this.inputs = has_front ? next(sizes[0]) : -1;
    this.passes = layers.map((_, l) => {
      const [n, size] = [kept[l + 1].length, sizes[l + 1]];
      return { a: next(size), delta: next(size), z: next(n), dE_da: next(n) };
    });
    this.losses = next(sizes[sizes.length - 1]);
    /** The number of values of a row. */
    this.ofRow = at;
  }
}

/** The drawn neurons of each layer. @param {Picture} picture */
export const drawnOf = ({ scene }) => scene.layers.map(({ drawn }) => drawn);

/**
 * @param {Picture} picture
 * @param {Connection} connection
 */
export const connectionName = ({ names }, { layer, j, k }) =>
  `${k === null ? "bias" : names[layer - 1][k]} → ${names[layer][j]}`;

/** One row in one frame. Layers are counted from 0, the inputs; neurons are named by their index in the layer. */
export class Moment {
  /**
   * @param {Picture} picture
   * @param {Layout} layout
   * @param {Float32Array | Float64Array} values
   * @param {{ frame: Frame, row: Row, prediction: string[], first?: number, place?: number }} shown `first` is the place
   *   of the frame among the values, `place` that of the row among the rows of the frame.
   */
  constructor(picture, layout, values, { frame, row, prediction, first = 0, place = 0 }) {
    this.picture = picture;
    this.layout = layout;
    this.values = values;
    this.frame = frame;
    this.row = row;
    this.prediction = prediction;
    this.first = first;
    this.ofRow = first + layout.start + place * layout.ofRow;
  }

  /**
   * Whether the weights into a neuron are known: those of drawn neurons are. Its activation and its δ always are.
   * @param {number} l
   * @param {number} j
   */
  knows(l, j) {
    return l > 0 && this.layout.places[l].has(j);
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  place(l, j) {
    const place = this.layout.places[l].get(j);
    if (place === undefined) throw new Error(`the weights of neuron ${j} of layer ${l} are not known`);
    return place;
  }

  /** @param {Connection} connection */
  weight({ layer, j, k }) {
    const { W, b } = this.layout.parameters[layer - 1];
    const place = this.place(layer, j);
    if (k === null) return b < 0 ? 0 : this.values[this.first + b + place];
    return this.values[this.first + W + place * this.picture.sizes[layer - 1] + k];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  slope(l, j) {
    const { slope } = this.layout.parameters[l - 1];
    return slope < 0 ? null : this.values[this.first + slope + this.place(l, j)];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  a(l, j) {
    if (l > 0) return this.values[this.ofRow + this.layout.passes[l - 1].a + j];
    return this.row.X === null ? this.values[this.ofRow + this.layout.inputs + j] : this.row.X[j];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  delta(l, j) {
    return this.values[this.ofRow + this.layout.passes[l - 1].delta + j];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  z(l, j) {
    return this.values[this.ofRow + this.layout.passes[l - 1].z + this.place(l, j)];
  }

  /**
   * @param {number} l
   * @param {number} j
   */
  dE_da(l, j) {
    return this.values[this.ofRow + this.layout.passes[l - 1].dE_da + this.place(l, j)];
  }

  /**
   * The weight into a layer that gets the widest line; a network that trains has another one at each moment.
   * @param {number} l
   */
  widest(l) {
    return this.frame.widest?.[l - 1] ?? this.picture.layers[l - 1].widest;
  }

  /** @param {number} j */
  loss(j) {
    return this.values[this.ofRow + this.layout.losses + j];
  }

  /** The cost of this row: the sum over its outputs. */
  get cost() {
    const n = this.picture.sizes[this.picture.sizes.length - 1];
    return Array.from({ length: n }, (_, j) => this.loss(j)).reduce((total, loss) => total + loss, 0);
  }
}
