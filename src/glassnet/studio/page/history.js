/** The curves of a run, and its cost at a frame. */

import { decoded } from "#page/frames.js";
import { count, number } from "#page/numbers.js";

/** @import { Recording } from "#page/recording.js" */

/**
 * @param {Recording} recording
 * @returns {Record<string, { epoch: number, value: number }[]>}
 */
export function curvesOf(recording) {
  const { curves, epochs } = recording.history;
  return Object.fromEntries(
    Object.entries(curves).map(([name, text]) => [
      name,
      Array.from(decoded(text, 8), (value, place) => ({ epoch: epochs === null ? place + 1 : epochs[place], value })),
    ]),
  );
}

/** @type {WeakMap<Recording, ReturnType<typeof curvesOf>>} */
const known = new WeakMap();

/**
 * The recorded cost of a frame's epoch; null at the start, before the first epoch.
 * @param {Recording} recording
 * @param {number} frame
 */
export function costAt(recording, frame) {
  let curves = known.get(recording);
  if (curves === undefined) {
    curves = curvesOf(recording);
    known.set(recording, curves);
  }
  const { epoch } = recording.frames[frame];
  /** @param {string} name */
  const at = (name) => {
    const found = curves[name]?.findLast((point) => point.epoch <= epoch);
    return found === undefined || Number.isNaN(found.value) ? null : found.value;
  };
  return { cost: at("cost"), validation: at("validation_cost") };
}

/**
 * @param {Recording} recording
 * @param {number} frame
 */
export function epochInWords(recording, frame) {
  const { epoch, step } = recording.frames[frame];
  if (step > 0) return `epoch ${count(epoch)}, after its step ${step}`;
  return epoch === 0 ? "start" : `epoch ${count(epoch)}`;
}

/**
 * What a player says of the moment that is shown.
 * @param {{ cost: number | null, validation: number | null, isByHand?: boolean }} costs
 */
export function costsInWords({ cost, validation, isByHand = false }) {
  const words = [cost !== null && `cost ${number(cost)}`, validation !== null && `validation ${number(validation)}`]
    .filter((each) => each !== false)
    .join(", ");
  return isByHand ? `${words} with the edited weights` : words;
}
