/** What neurons can be colored by: numbers of the chosen row, and of all rows as far as the server has told them. */

/**
 * @import { LayerOfNeurons, View } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Measure } from "#page/recording.js"
 */

/** @type {{ name: Measure, words: string, isSigned: boolean, isOverData: boolean }[]} */
export const MEASURES = [
  { name: "layer", words: "layer", isSigned: false, isOverData: false },
  { name: "activation", words: "activation of this row", isSigned: true, isOverData: false },
  { name: "delta", words: "error signal δ of this row", isSigned: true, isOverData: false },
  { name: "blame", words: "mean blame over the rows", isSigned: false, isOverData: true },
  { name: "silent", words: "share of rows with 0", isSigned: false, isOverData: true },
  { name: "norm", words: "size of its weights", isSigned: false, isOverData: true },
];

/**
 * The number of a neuron; null if it has none.
 * @param {Measure} measure
 * @param {Moment} moment
 * @param {View | undefined} view The view "neurons".
 * @param {number} l
 * @param {number} j
 * @returns {number | null}
 */
export function measured(measure, moment, view, l, j) {
  if (measure === "layer") return null;
  if (measure === "activation") return moment.a(l, j);
  if (l === 0) return null;
  if (measure === "delta") return moment.delta(l, j);
  /** @type {LayerOfNeurons | undefined} */
  const layer = view?.data.layers[l - 1];
  return layer?.[measure][j] ?? null;
}

/**
 * The size of the largest number, at least a little above 0.
 * @param {(number | null)[]} values
 */
export function largest(values) {
  return values.reduce((/** @type {number} */ most, value) => {
    const size = Math.abs(value ?? 0);
    return Number.isFinite(size) ? Math.max(most, size) : most;
  }, 1e-12);
}

/**
 * Whether the server has to be asked for a measure.
 * @param {Measure} measure
 */
export const isOverData = (measure) => MEASURES.some((each) => each.name === measure && each.isOverData);
