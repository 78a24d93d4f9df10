/** The cards beside the network: the chosen row, its steps, a neuron, a connection. */

import { details } from "#page/components/details.js";
import { h, write } from "#page/dom.js";
import { data } from "#page/numbers.js";

/**
 * @import { LiveState, Model } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} actions */
export function cardsPanel(actions) {
  const chooser = h("select", { id: "row", change: () => void actions.look(Number(chooser.value)) });
  const prediction = h("span", { class: "prediction" });
  const cost = h("span", { class: "cost" });
  const rows = h(
    "section",
    { class: "panel rows", "aria-label": "row" },
    h("label", { for: "row" }, "Row"),
    chooser,
    cost,
    prediction,
  );
  const place = h("div", { class: "cards-place" });
  const element = h("div", { class: "cards" }, rows, place);
  /** @type {Model | null} */
  let shown = null;
  /** @type {ReturnType<typeof details> | null} */
  let cards = null;

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { model, moment } = state;
      element.hidden = model === null;
      if (model !== shown) {
        shown = model;
        cards = null;
        place.replaceChildren();
      }
      if (model === null || moment === null) return;
      if (cards === null) {
        cards = details(actions, {});
        place.append(cards.element);
        chooser.replaceChildren(...model.rows.map((index) => h("option", { value: index }, `row ${index}`)));
      }
      if (chooser.value !== String(moment.row.index)) chooser.value = String(moment.row.index);
      write(prediction, `Prediction: ${moment.prediction.join("; ")}`);
      cost.replaceChildren("its cost ", data(moment.cost, "cost"));
      cards.update(state, moment);
    },
  };
}
