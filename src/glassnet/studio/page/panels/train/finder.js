/** The first moment at which something holds. */

import { refusal } from "#page/components/told.js";
import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

const SUGGESTIONS = ["cost < 0.1", "validation cost rises", "gradient > 10", "weight > 5", "dead hidden1.2"];

/** @param {LiveActions} actions */
export function finder(actions) {
  const refused = refusal("find-refused");
  const field = h("input", {
    type: "text",
    id: "condition",
    value: SUGGESTIONS[0],
    spellcheck: "false",
    list: "conditions",
    "aria-describedby": "find-refused",
  });
  const go = h("button", { type: "submit" }, "Find");
  const element = h(
    "form",
    {
      submit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void actions.find(field.value);
      },
    },
    h("h3", {}, h("label", { for: "condition" }, "Find the first epoch where")),
    h("datalist", { id: "conditions" }, ...SUGGESTIONS.map((value) => h("option", { value }))),
    h("div", { class: "fields" }, field, go),
    refused.element,
  );

  return {
    element,
    /** @param {LiveState} state */
    update({ status, refused: told, busy }) {
      element.hidden = status.epoch === 0;
      go.disabled = busy.find === true || status.state === "training";
      refused.update(told.find);
    },
  };
}
