/** The row that goes through the network: chosen by its number, one after the other, or among those worth a look. */

import { refusal } from "#page/components/told.js";
import { h, write } from "#page/dom.js";
import { data } from "#page/numbers.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { LiveState, Model } from "#page/live.js"
 * @import { Moment } from "#page/moments.js"
 */

/** @param {LiveActions} actions */
export function rowChooser(actions) {
  const field = h("input", { id: "row", type: "number", min: 0, step: 1, change: choose });
  const back = h("button", { type: "button", "aria-label": "previous row", click: () => void move(-1) }, "‹");
  const on = h("button", { type: "button", "aria-label": "next row", click: () => void move(1) }, "›");
  const worth = h("select", { "aria-label": "rows worth a look", change: chooseWorth });
  const target = h("span", { class: "target" });
  const cost = h("span", { class: "cost" });
  const prediction = h("p", { class: "prediction" });
  const trouble = refusal();
  const element = h(
    "section",
    { class: "panel rows", "aria-label": "row" },
    h("label", { for: "row" }, "Row"),
    back,
    field,
    on,
    worth,
    target,
    cost,
    prediction,
    trouble.element,
  );
  let last = 0;
  let row = -1;
  /** @type {Model | null} */
  let model = null;

  function choose() {
    const wanted = field.valueAsNumber;
    if (Number.isInteger(wanted) && wanted >= 0 && wanted <= last) void actions.look(wanted);
    else field.reportValidity();
  }

  /** @param {number} by */
  function move(by) {
    const wanted = row + by;
    return wanted < 0 || wanted > last ? Promise.resolve(false) : actions.look(wanted);
  }

  function chooseWorth() {
    if (worth.value !== "") void actions.look(Number(worth.value));
  }

  return {
    element,
    /**
     * @param {LiveState} state
     * @param {Moment} moment
     */
    update(state, moment) {
      if (state.model !== model) {
        model = state.model;
        const rows = model?.rows ?? [];
        worth.replaceChildren(
          h("option", { value: "" }, "worth a look"),
          ...rows.map((each) => h("option", { value: each }, `row ${each}`)),
        );
        worth.hidden = rows.length === 0;
        last = Math.max(state.data?.n_rows ?? model?.n_rows ?? 1, 1) - 1;
        field.max = String(last);
        row = -1;
      }
      if (moment.row.index !== row) {
        row = moment.row.index;
        field.value = String(row);
        worth.value = model?.rows.includes(row) ? String(row) : "";
        back.disabled = row <= 0;
        on.disabled = row >= last;
      }
      write(target, `target ${moment.row.target}`);
      cost.replaceChildren("its cost ", data(moment.cost, "cost"));
      write(prediction, `Prediction: ${moment.prediction.join("; ")}`);
      trouble.update(state.refused.row);
    },
  };
}
