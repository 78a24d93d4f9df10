/** The settings of a training as fields, each with the sentence that the server says of it. */

import { h, write } from "#page/dom.js";
import { controlOf, optionOf } from "#page/panels/build/controls.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Control, Setup } from "#page/messages.js"
 */

/** Fields that may be empty, and what that means. */
const EMPTY = { batch_size: "automatic", n_iter_no_change: "off" };
const WHOLE = ["batch_size", "max_iter", "n_iter_no_change", "random_state"];

/**
 * @param {Control[]} controls
 * @param {string[]} names In this order.
 * @param {LiveActions} actions
 */
export function fields(controls, names, actions) {
  const made = names.flatMap((name) => {
    const control = controlOf(controls, name);
    return control === null ? [] : [field(control, actions)];
  });
  return {
    element: h("div", { class: "settings" }, ...made.map(({ element }) => element)),
    /** @param {LiveState} state */
    update({ draft, model }) {
      const setup = draft ?? model?.setup;
      if (setup !== null && setup !== undefined) for (const each of made) each.update(setup);
    },
  };
}

/**
 * @param {Control} control
 * @param {LiveActions} actions
 */
function field(control, actions) {
  const { field: name, label, words, choices } = control;
  const id = `setting-${name}`;
  const about = h("p", { class: "muted", id: `${id}-about` }, words);
  const chosen = h("p", { class: "muted chosen" });
  const input = choices.length > 0 ? select() : name === "scaled" ? box() : number();
  const element = h(
    "div",
    { class: "setting" },
    h("div", { class: "fields" }, h("label", { for: id }, label), input),
    about,
    chosen,
  );

  /** @param {unknown} value */
  const plan = (value) => actions.plan(/** @type {Partial<Setup>} */ ({ [name]: value }));

  function select() {
    const made = h(
      "select",
      { id, "aria-describedby": `${id}-about`, change: () => plan(made.value) },
      ...choices.map(optionOf),
    );
    return made;
  }

  function box() {
    const made = h("input", {
      id,
      type: "checkbox",
      "aria-describedby": `${id}-about`,
      change: () => plan(made.checked),
    });
    return made;
  }

  function number() {
    const empty = EMPTY[/** @type {keyof typeof EMPTY} */ (name)];
    const made = h("input", {
      id,
      type: "number",
      min: control.least,
      max: control.most,
      step: WHOLE.includes(name) ? 1 : "any",
      required: empty === undefined,
      placeholder: empty,
      "aria-describedby": `${id}-about`,
      change: () => {
        if (made.reportValidity()) plan(made.value === "" ? null : made.valueAsNumber);
      },
    });
    return made;
  }

  /** @param {Setup} setup */
  function update(setup) {
    const value = setup[/** @type {keyof Setup} */ (name)];
    if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = Boolean(value);
    else if (document.activeElement !== input || input instanceof HTMLSelectElement) {
      const text = value === null ? "" : String(value);
      if (input.value !== text) input.value = text;
    }
    const choice = choices.find((each) => each.name === value);
    chosen.hidden = choice === undefined || choice.words === "";
    write(chosen, choice?.words ?? "");
  }

  return { element, update };
}
