/** A field in which the open weight gets another value, and the way back. */

import { refusal } from "#page/components/told.js";
import { h, write } from "#page/dom.js";
import { number } from "#page/numbers.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { LiveState } from "#page/live.js"
 * @import { Moment } from "#page/moments.js"
 */

/** @param {LiveActions} actions */
export function weightField(actions) {
  const field = h("input", {
    id: "weight",
    type: "number",
    step: "any",
    required: true,
    "aria-describedby": "weight-edited weight-trouble",
  });
  const label = h("label", { for: "weight" });
  const undo = h("button", { type: "button", click: () => void actions.restore() });
  const edited = h("p", { id: "weight-edited", class: "muted" });
  const trouble = refusal("weight-trouble");
  const element = h(
    "form",
    { class: "fields", submit: set },
    label,
    field,
    h("button", { type: "submit" }, "Set"),
    undo,
    edited,
    trouble.element,
  );
  /** @type {LiveState["connection"]} */
  let open = { layer: 1, j: 0, k: null };
  let shown = "";

  /** @param {SubmitEvent} event */
  function set(event) {
    event.preventDefault();
    if (Number.isFinite(field.valueAsNumber)) void actions.setWeight(open.layer, open.j, open.k, field.valueAsNumber);
  }

  return {
    element,
    /**
     * What is typed stays until another connection is opened or the weight has changed.
     * @param {LiveState} state
     * @param {Moment} moment
     */
    update({ connection, refused, edits }, moment) {
      open = connection;
      const { layer, j, k } = connection;
      element.hidden = !moment.knows(layer, j);
      if (element.hidden) return;
      const weight = moment.weight(connection);
      const now = `${layer}.${j}.${k}=${weight}`;
      if (now !== shown && (document.activeElement !== field || !isSamePlace(now, shown))) {
        field.value = Number.isFinite(weight) ? digitsOf(weight, moment.values) : "";
        shown = now;
      }
      write(label, `New ${k === null ? "bias" : "weight"}`);
      undo.hidden = edits.length === 0;
      write(undo, edits.length === 1 ? "Take back the edit" : `Take back ${edits.length} edits`);
      write(edited, isEdited(edits, connection) ? `Set by hand to ${number(weight)}.` : "");
      trouble.update(refused.weight);
    },
  };
}

/**
 * @param {string} one
 * @param {string} other
 */
const isSamePlace = (one, other) => one.split("=")[0] === other.split("=")[0];

/**
 * All digits that a weight has.
 * @param {number} weight
 * @param {Float32Array | Float64Array} values Where it was read.
 */
function digitsOf(weight, values) {
  return String(values instanceof Float32Array ? Number(weight.toPrecision(7)) : weight);
}

/**
 * @param {LiveState["edits"]} edits
 * @param {LiveState["connection"]} connection
 */
function isEdited(edits, { layer, j, k }) {
  return edits.some((edit) => edit[0] === layer && edit[1] === j && edit[2] === k);
}
