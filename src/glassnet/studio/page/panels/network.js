/** The network in the middle of the live page, with the controls of its layers and its player. */

import { question } from "#page/asking.js";
import { diagram } from "#page/components/diagram.js";
import { layerControls } from "#page/components/layer-controls.js";
import { legend } from "#page/components/legend.js";
import { livePlayer } from "#page/components/live-player.js";
import { zoom } from "#page/components/zoom.js";
import { h } from "#page/dom.js";
import { isOverData } from "#page/measures.js";

/**
 * @import { LiveState, Model } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} actions */
export function networkPanel(actions) {
  const size = zoom(align);
  const canvas = h("div", { class: "room" });
  const picture = h("div", { class: "picture" }, size.element, canvas);
  const layers = layerControls(actions);
  const meaning = h("div");
  const hint = h(
    "ol",
    { class: "hint" },
    h("li", {}, "Open a table of your own, or an example. Its columns become the inputs of a network."),
    h("li", {}, "Press Train, and see here how it learns: what it does to each row, and why it stops."),
    h("li", {}, "Click a neuron or a connection to see its arithmetic, and go back in time with the slider."),
  );
  const place = h(
    "section",
    { class: "panel network", "aria-label": "network" },
    hint,
    picture,
    layers.element,
    meaning,
  );
  const player = livePlayer(actions);
  const element = h("div", { class: "middle" }, place, player.element);
  const ask = question();
  /** @type {Model | null} */
  let shown = null;
  /** @type {{ drawn: ReturnType<typeof diagram>, words: ReturnType<typeof legend> } | null} */
  let parts = null;

  function align() {
    if (shown !== null && parts !== null) layers.align(shown.record, parts.drawn.drawing);
  }

  new ResizeObserver(align).observe(picture);

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { model, moment } = state;
      if (model !== shown) {
        shown = model;
        parts = null;
        canvas.replaceChildren();
        meaning.replaceChildren();
        if (model !== null) {
          parts = { drawn: diagram(model.record, actions), words: legend(model.record, actions, { hasData: true }) };
          canvas.append(parts.drawn.element);
          size.of(parts.drawn.element);
          meaning.append(parts.words.element);
        }
      }
      hint.hidden = model !== null;
      picture.hidden = model === null;
      player.update(state);
      if (layers.update(state)) align();
      if (moment === null || parts === null) return;
      if (isOverData(state.measure)) void ask(state, "neurons", actions.measure);
      parts.drawn.update(state, moment);
      parts.words.update(state, moment);
    },
  };
}
