/** The chosen row: its number, its target and what the network predicts for it in this frame. */

import { data } from "#page/numbers.js";
import { h, write } from "#page/dom.js";

/**
 * @import { Actions } from "#page/actions.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Recording, State } from "#page/recording.js"
 */

/**
 * @param {Recording} recording
 * @param {Actions} actions
 */
export function rows(recording, actions) {
  const chooser = h(
    "select",
    { id: "row", change: () => actions.chooseRow(Number(chooser.value)) },
    ...recording.rows.map(({ index, target }, place) =>
      h("option", { value: place }, `row ${index}, target ${target.slice(0, 60)}`),
    ),
  );
  const prediction = h("span", { class: "prediction" });
  const cost = h("span", { class: "cost" });
  const element = h(
    "section",
    { class: "panel rows", "aria-label": "row" },
    h("label", { for: "row" }, "Row"),
    chooser,
    cost,
    prediction,
  );

  return {
    element,
    /**
     * @param {State} state
     * @param {Moment} moment
     */
    update(state, moment) {
      if (chooser.value !== String(state.row)) chooser.value = String(state.row);
      write(prediction, `Prediction: ${moment.prediction.join("; ")}`);
      cost.replaceChildren("its cost ", data(moment.cost, "cost"));
    },
  };
}
