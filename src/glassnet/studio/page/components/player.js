/** Play, pause, one frame back and forth, and the time slider. */

import { playButton } from "#page/components/play-button.js";
import { h, put, write } from "#page/dom.js";
import { costAt, costsInWords, epochInWords } from "#page/history.js";

/**
 * @import { Actions } from "#page/actions.js"
 * @import { Recording, State } from "#page/recording.js"
 */

const SPEEDS = [
  ["2", "slow"],
  ["10", "normal"],
  ["30", "fast"],
];

/**
 * @param {Recording} recording
 * @param {Actions} actions
 */
export function player(recording, actions) {
  const last = recording.frames.length - 1;
  const play = playButton(actions.toggle);
  const back = h("button", { type: "button", "aria-label": "one frame back", click: () => actions.move(-1) }, "‹");
  const on = h("button", { type: "button", "aria-label": "one frame on", click: () => actions.move(1) }, "›");
  const slider = h("input", {
    type: "range",
    min: 0,
    max: last,
    step: 1,
    value: 0,
    "aria-label": "epoch",
    input: () => actions.show(Number(slider.value)),
  });
  const speed = h(
    "select",
    { "aria-label": "speed", change: () => actions.setSpeed(Number(speed.value)) },
    ...SPEEDS.map(([value, name]) => h("option", { value }, name)),
  );
  const place = h("strong", { class: "place" });
  const cost = h("span", { class: "cost" });
  const element = h(
    "section",
    { class: "panel player", "aria-label": "time" },
    h("div", { class: "buttons" }, back, play.element, on),
    slider,
    h("div", { class: "readout" }, place, cost),
    speed,
  );

  /** @param {State} state */
  function update(state) {
    const words = epochInWords(recording, state.frame);
    play.update(state.playing);
    put(element, "data-playing", String(state.playing));
    if (slider.value !== String(state.frame)) slider.value = String(state.frame);
    put(slider, "aria-valuetext", words);
    if (speed.value !== String(state.speed)) speed.value = String(state.speed);
    write(place, words);
    write(cost, costsInWords(costAt(recording, state.frame)));
    back.disabled = state.frame === 0;
    on.disabled = state.frame === last;
  }

  return { element, update };
}
