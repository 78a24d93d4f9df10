/** Says in words what moves, for readers who do not see it: after a pause, and every few seconds while it plays. */

import { costAt, epochInWords } from "#page/history.js";
import { h, write } from "#page/dom.js";
import { short } from "#page/numbers.js";

/** @import { Recording, State } from "#page/recording.js" */

const PAUSE = 400;
const EVERY = 4000; // milliseconds

/** @param {Recording} recording */
export function announcer(recording) {
  const element = h("p", { class: "unseen", "aria-live": "polite" });
  let announced = -1;
  let timer = 0;

  return {
    element,
    /** @param {State} state */
    update(state) {
      if (state.frame === announced) return;
      announced = state.frame;
      if (state.playing && timer !== 0) return;
      clearTimeout(timer);
      timer = window.setTimeout(
        () => {
          timer = 0;
          write(element, inWords(recording, announced));
        },
        state.playing ? EVERY : PAUSE,
      );
    },
  };
}

/**
 * @param {Recording} recording
 * @param {number} frame
 */
export function inWords(recording, frame) {
  const [now, before] = [costAt(recording, frame), frame > 0 ? costAt(recording, frame - 1) : null];
  const name = now.validation === null ? "cost" : "validation cost";
  /** @param {typeof now | null} at */
  const value = (at) => (at === null ? null : now.validation === null ? at.cost : at.validation);
  const [here, earlier] = [value(now), value(before)];
  const place = epochInWords(recording, frame);
  if (here === null) return place;
  const trend = earlier === null || earlier === here ? "" : here < earlier ? ", falling" : ", rising";
  return `${place}: ${name} ${short(here)}${trend}`;
}
