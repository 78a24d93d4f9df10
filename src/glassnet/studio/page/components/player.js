/** Play, pause, one frame back and forth, and the time slider. */

import { costAt, epochInWords } from "#page/history.js";
import { h, put, s, write } from "#page/dom.js";
import { number } from "#page/numbers.js";

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
  const sign = s("path", {});
  const play = h(
    "button",
    { type: "button", class: "play", click: actions.toggle },
    s("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" }, sign),
  );
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
    h("div", { class: "buttons" }, back, play, on),
    slider,
    h("div", { class: "readout" }, place, cost),
    speed,
  );

  /** @param {State} state */
  function update(state) {
    const words = epochInWords(recording, state.frame);
    put(play, "aria-label", state.playing ? "pause" : "play");
    put(sign, "d", state.playing ? "M4 3h4v14H4zM12 3h4v14h-4z" : "M4 2l13 8-13 8z");
    put(element, "data-playing", String(state.playing));
    if (slider.value !== String(state.frame)) slider.value = String(state.frame);
    put(slider, "aria-valuetext", words);
    if (speed.value !== String(state.speed)) speed.value = String(state.speed);
    write(place, words);
    const { cost: value, validation } = costAt(recording, state.frame);
    const parts = value === null ? [] : [`cost ${number(value)}`];
    if (validation !== null) parts.push(`validation ${number(validation)}`);
    write(cost, parts.join(", "));
    back.disabled = state.frame === 0;
    on.disabled = state.frame === last;
  }

  return { element, update };
}
