/** Says in words how training goes, for readers who do not see it: when it changes, and every few seconds meanwhile. */

import { h, write } from "#page/dom.js";
import { costsAt, placeInWords, standing } from "#page/live-state.js";
import { short } from "#page/numbers.js";

/** @import { LiveState } from "#page/live.js" */

const EVERY = 4000; // milliseconds

export function announceTraining() {
  const element = h("p", { class: "unseen", "aria-live": "polite" });
  let announced = "";
  let saidAt = -EVERY;

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { status } = state;
      if (status.state === "empty") return;
      const isNew = status.state !== announced;
      const now = performance.now();
      if (status.state === "training" && !isNew && now - saidAt < EVERY) return;
      announced = status.state;
      saidAt = now;
      write(element, inWords(state));
    },
  };
}

/**
 * Such as "epoch 40: validation cost 0.21, falling".
 * @param {LiveState} state
 */
export function inWords(state) {
  const { status, model, curves, data } = state;
  if (model === null) return data === null ? "no data yet" : "no network yet";
  const at = standing(state);
  const place = placeInWords(at);
  const how = status.stopped === "diverged" ? "diverged" : status.state;
  const { cost, validation, isByHand } = costsAt(state, at);
  const [name, value] = validation === null ? ["cost", cost] : ["validation cost", validation];
  if (status.state === "ready" || value === null) return `${how}: ${model.record.sizes.join("-")}, ${place}`;
  const earlier = curves.at(validation === null ? "cost" : "validation_cost", at.epoch - Math.max(1, at.epoch / 10));
  if (isByHand) return `${how}, ${place}: ${name} ${short(value)} with the edited weights`;
  const trend = earlier === null || earlier === value ? "" : value < earlier ? ", falling" : ", rising";
  return `${how}, ${place}: ${name} ${short(value)}${status.state === "finished" ? "" : trend}`;
}
