/** Numbers of the page as lessons speak of them. */

import { number } from "#page/numbers.js";

/**
 * @import { Seen, Step } from "#page/lessons/lesson.js"
 * @import { Setup } from "#page/messages.js"
 */

/**
 * What a function makes of the moment, or null if the page shows none.
 * @template T
 * @param {(moment: NonNullable<Seen["moment"]>) => T} of
 * @returns {(seen: Seen) => T | null}
 */
export const ofMoment = (of) => (seen) => (seen.moment === null ? null : of(seen.moment));

/**
 * The products of a neuron's weighted sum as text, such as "0.9·1 + 0.8·0 + 0.1·1".
 * @param {NonNullable<Seen["moment"]>} moment
 * @param {number} layer
 * @param {number} j
 */
export function products(moment, layer, j) {
  return Array.from(
    { length: moment.picture.sizes[layer - 1] },
    (_, k) => `${number(moment.weight({ layer, j, k }))}·${number(moment.a(layer - 1, k))}`,
  ).join(" + ");
}

/**
 * The weights into a neuron.
 * @param {NonNullable<Seen["moment"]>} moment
 * @param {number} layer
 * @param {number} j
 */
export function weightsInto(moment, layer, j) {
  return Array.from({ length: moment.picture.sizes[layer - 1] }, (_, k) => moment.weight({ layer, j, k }));
}

/**
 * "0.9, 0.8 and 0.1".
 * @param {number[]} values
 */
export function listed(values) {
  const texts = values.map(number);
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts[texts.length - 1]}`;
}

/**
 * The points of a curve at which it has a value.
 * @param {Seen} seen
 * @param {string} name
 */
export const curve = (seen, name) => (seen.curves.points[name] ?? []).filter(({ y }) => Number.isFinite(y));

/**
 * Whether training has begun.
 * @param {Seen} seen
 */
export const hasBegun = ({ status }) => status.epoch + status.step > 0;

/**
 * Whether a later moment than the start is shown.
 * @param {Seen} seen
 */
export const hasMoved = ({ moment }) => moment !== null && moment.frame.epoch + moment.frame.step > 0;

/**
 * Whether training has ended, and the network that was kept is shown.
 * @param {Seen} seen
 */
export const hasEnded = ({ status, moment }) =>
  status.state === "finished" && moment !== null && moment.frame.epoch === (status.best_epoch ?? status.epoch);

/**
 * Whether the page shows what a step speaks of.
 * @param {Step} step
 * @param {Seen} seen
 */
export function isSet({ scenery, tasks }, seen) {
  const { example, setup = {}, start = false } = scenery;
  const { source, model, moment } = seen;
  if (source?.kind !== "example" || source.name !== example || model === null || moment === null) return false;
  if (start && !tasks.some(({ kind }) => kind === "deed") && hasMoved(seen)) return false;
  return hasBuilt(setup, model.setup);
}

/**
 * Whether a network was built with these settings.
 * @param {Partial<Setup>} wanted
 * @param {Setup | null} built
 */
export function hasBuilt(wanted, built) {
  return Object.entries(wanted).every(
    ([name, value]) =>
      built !== null && JSON.stringify(built[/** @type {keyof Setup} */ (name)]) === JSON.stringify(value),
  );
}
