/** The recording: a page that plays a training back. */

import { actionsOn, firstChosen } from "#page/actions.js";
import { runClock } from "#page/clock.js";
import { announcer } from "#page/components/announcer.js";
import { curves } from "#page/components/curves.js";
import { details } from "#page/components/details.js";
import { diagram } from "#page/components/diagram.js";
import { legend } from "#page/components/legend.js";
import { neuronChooser } from "#page/components/neuron-chooser.js";
import { player } from "#page/components/player.js";
import { rows } from "#page/components/rows.js";
import { summary } from "#page/components/summary.js";
import { weightCurve } from "#page/components/weight-curve.js";
import { h } from "#page/dom.js";
import { Numbers } from "#page/frames.js";
import { createStore } from "#page/store.js";

/** @import { Recording, State } from "#page/recording.js" */

/**
 * @param {Recording} recording
 * @returns {State}
 */
function initial(recording) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return { ...firstChosen(recording), frame: 0, row: 0, playing: false, speed: calm ? 2 : 10 };
}

/**
 * @param {HTMLElement} place
 * @param {Recording} recording
 */
export function start(place, recording) {
  const store = createStore(initial(recording));
  const actions = actionsOn(store, recording);
  const numbers = new Numbers(recording);
  const picture = diagram(recording, actions);
  const meaning = legend(recording, actions);
  const time = player(recording, actions);
  const costs = curves(recording, actions);
  const chosen = rows(recording, actions);
  const weights = weightCurve((connection) =>
    recording.frames.map(({ epoch }, frame) => ({ epoch, weight: numbers.at(frame, 0).weight(connection) })),
  );
  const cards = details(actions, {
    neuron: { above: [neuronChooser(actions)] },
    connection: { below: [weights] },
  });
  const words = announcer(recording);
  place.append(
    h(
      "div",
      { class: "page" },
      summary(recording),
      h(
        "main",
        {},
        h("section", { class: "panel network", "aria-label": "network" }, picture.element, meaning.element),
        time.element,
        chosen.element,
        costs.element,
        cards.element,
      ),
      words.element,
    ),
  );
  store.subscribe((state) => {
    const moment = numbers.at(state.frame, state.row);
    for (const part of [picture, meaning, time, costs, chosen, cards, words]) part.update(state, moment);
  });
  runClock(store, actions);
}
