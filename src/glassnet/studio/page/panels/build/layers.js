/** The hidden layers: how many neurons, and what each makes of its weighted sum. */

import { h, replaceIn, s } from "#page/dom.js";
import { controlOf, optionOf } from "#page/panels/build/controls.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Control, Setup } from "#page/messages.js"
 */

/**
 * @param {Control[]} controls
 * @param {LiveActions} actions
 */
export function layers(controls, actions) {
  const activation = controlOf(controls, "activation");
  const list = h("div", { class: "layer-list" });
  const add = h("button", { type: "button" }, "Add a layer");
  const element = h(
    "section",
    { "aria-labelledby": "layers-title" },
    h("h3", { id: "layers-title" }, "Hidden layers"),
    ...[controlOf(controls, "hidden"), activation].flatMap((control) =>
      control === null
        ? []
        : [h("p", { class: "muted small" }, h("strong", {}, `${control.label}: `), lower(control.words))],
    ),
    list,
    add,
  );
  /** @type {Setup["hidden"]} */
  let hidden = [];
  let shown = "";
  add.addEventListener("click", () => {
    const last = hidden[hidden.length - 1];
    actions.planLayer(hidden.length, {
      size: 4,
      activation: last?.activation ?? activation?.choices[0]?.name ?? "tanh",
    });
  });

  /**
   * @param {Setup["hidden"][0]} layer
   * @param {number} place
   */
  function line(layer, place) {
    const name = `hidden layer ${place + 1}`;
    const size = h("input", {
      type: "number",
      min: 1,
      max: 4096,
      step: 1,
      required: true,
      value: layer.size,
      "aria-label": `neurons of ${name}`,
      "data-key": `size-${place}`,
      input: () => {
        if (size.reportValidity()) actions.planLayer(place, { ...hidden[place], size: size.valueAsNumber });
      },
    });
    const select = h(
      "select",
      {
        "aria-label": `activation of ${name}`,
        "data-key": `activation-${place}`,
        change: () => actions.planLayer(place, { ...hidden[place], activation: select.value }),
      },
      ...(activation?.choices ?? []).map(optionOf),
    );
    select.value = layer.activation;
    const choice = activation?.choices.find(({ name: each }) => each === layer.activation);
    return h(
      "div",
      { class: "layer-line", role: "group", "aria-label": name },
      h(
        "div",
        { class: "fields" },
        h("span", { class: "ordinal", "aria-hidden": "true" }, String(place + 1)),
        size,
        select,
        h(
          "button",
          {
            type: "button",
            "aria-label": `remove ${name}`,
            "data-key": `remove-${place}`,
            click: () => actions.planLayer(place, null),
          },
          "Remove",
        ),
      ),
      choice === undefined
        ? null
        : h("div", { class: "shape" }, curveOf(choice.curve), h("p", { class: "muted" }, choice.words)),
    );
  }

  return {
    element,
    /** @param {LiveState} state */
    update({ draft, model }) {
      hidden = (draft ?? model?.setup)?.hidden ?? [];
      const key = JSON.stringify(hidden);
      if (key === shown) return;
      shown = key;
      replaceIn(
        list,
        ...(hidden.length === 0
          ? [h("p", { class: "muted" }, "None: the inputs lead straight to the outputs.")]
          : hidden.map(line)),
      );
    },
  };
}

/** @param {string} words */
const lower = (words) => words[0].toLowerCase() + words.slice(1);

/**
 * @param {[number, number][]} points
 */
function curveOf(points) {
  const values = points.flatMap(([, a]) => (Number.isFinite(a) ? [a] : []));
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const [first, last] = [points[0]?.[0] ?? -1, points[points.length - 1]?.[0] ?? 1];
  /** @param {number} z */
  const x = (z) => (60 * (z - first)) / (last - first || 1);
  /** @param {number} a */
  const y = (a) => 34 - (30 * (a - low)) / (high - low || 1);
  const path = points
    .map(([z, a], place) => `${place === 0 ? "M" : "L"}${x(z).toFixed(1)} ${y(a).toFixed(1)}`)
    .join("");
  return s(
    "svg",
    { class: "activation", viewBox: "-2 0 64 38", width: 64, height: 38, "aria-hidden": "true" },
    s("line", { class: "axis", x1: 0, x2: 60, y1: y(0), y2: y(0) }),
    s("line", { class: "axis", x1: x(0), x2: x(0), y1: 2, y2: 36 }),
    s("path", { class: "curve", d: path }),
  );
}
