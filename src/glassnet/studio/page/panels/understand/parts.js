/** The parts of the data that a view tells apart: training and validation rows. */

import { key, keyed } from "#page/panels/understand/points.js";

/** @param {string} part */
export const partName = (part) => ({ training: "Training rows", validation: "Validation rows" })[part] ?? "All rows";

/**
 * The class name of what is drawn of a part.
 * @param {string} part
 */
export const kindOf = (part) => (part === "validation" ? "validation" : "training");

/**
 * What is drawn of each part.
 * @param {{ part: string }[]} parts
 * @param {(kind: string, place: number) => Node} sample
 */
export const keyOfParts = (parts, sample) =>
  key(...parts.map(({ part }, place) => keyed(sample(kindOf(part), place), partName(part).toLowerCase())));
