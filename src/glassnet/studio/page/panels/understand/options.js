/** The options of a view as controls. */

import { h } from "#page/dom.js";
import { count } from "#page/numbers.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Options } from "#page/live.js"
 * @import { Overview, ViewData } from "#page/messages.js"
 */

/**
 * @typedef {[string | number | null, string]} Choice A value and its words.
 * @typedef {{ name: string, label: string, choices: Choice[], value: string | number | null }} Control
 */

/** @type {Choice[]} */
const PLACES = [
  ["typical", "at typical values"],
  ["row", "as in the chosen row"],
];

/**
 * The controls of a view. What is chosen is what the reader chose, or else what the view came with.
 * @param {string} view
 * @param {Overview} overview
 * @param {Options} options
 * @param {ViewData | undefined} data
 * @returns {Control[]}
 */
export function controlsOf(view, overview, options, data) {
  /** @type {Choice[]} */
  const outputs = overview.outputs.map((name, place) => [place, name]);
  const output = /** @type {number | null | undefined} */ (options.output);
  /** @type {Choice[]} */
  const columns = overview.columns.map(({ name, label }) => [name, label]);
  switch (view) {
    case "response": {
      const came = data?.view === "response" ? data : null;
      return [
        {
          name: "x",
          label: "Along",
          choices: columns,
          value: /** @type {string} */ (options.x ?? came?.x.name ?? null),
        },
        { name: "at", label: "Other columns", choices: PLACES, value: /** @type {string} */ (options.at ?? "typical") },
        ...(outputs.length > 1
          ? [{ name: "output", label: "Show", choices: outputs, value: output ?? came?.output ?? 0 }]
          : []),
      ];
    }
    case "surface": {
      const came = data?.view === "surface" ? data : null;
      const x = /** @type {string} */ (options.x ?? came?.x.name ?? null);
      const y = /** @type {string} */ (options.y ?? came?.y.name ?? null);
      const shown = overview.is_classes ? [/** @type {Choice} */ ([null, "the predicted class"]), ...outputs] : outputs;
      return [
        { name: "x", label: "Across", choices: columns.filter(([name]) => name !== y), value: x },
        { name: "y", label: "Up", choices: columns.filter(([name]) => name !== x), value: y },
        { name: "at", label: "Other columns", choices: PLACES, value: /** @type {string} */ (options.at ?? "typical") },
        ...(shown.length > 1
          ? [{ name: "output", label: "Show", choices: shown, value: output ?? (overview.is_classes ? null : 0) }]
          : []),
      ];
    }
    case "landscape":
      return [
        {
          name: "plane",
          label: "Directions",
          choices: [
            ["descent", "in which it descended"],
            ["random", "random"],
          ],
          value: /** @type {string} */ (options.plane ?? "descent"),
        },
      ];
    case "calibration":
      return [
        { name: "output", label: "Class", choices: [[null, "the predicted one"], ...outputs], value: output ?? null },
      ];
    case "ranking": {
      const came = data?.view === "ranking" ? data.output : 0;
      return [{ name: "output", label: "Class", choices: outputs, value: output ?? came }];
    }
    case "residuals":
      return outputs.length > 1 ? [{ name: "output", label: "Target", choices: outputs, value: output ?? 0 }] : [];
    case "blame": {
      /** @type {Choice[]} */
      const parts = overview.parts.map(({ part, n_rows }) => [part, `${part}, ${count(n_rows)}`]);
      return parts.length > 1
        ? [{ name: "part", label: "Rows", choices: parts, value: /** @type {string} */ (options.part ?? parts[0][0]) }]
        : [];
    }
    default:
      return [];
  }
}

/**
 * @param {string} view
 * @param {Control} control
 * @param {LiveActions} actions
 */
export function choose(view, { name, label, choices, value }, actions) {
  const field = h(
    "select",
    {
      id: `view-${name}`,
      "data-key": name,
      change: () => actions.setViewOption(view, name, choices[Number(field.value)][0]),
    },
    ...choices.map(([each, words], place) => h("option", { value: place, selected: each === value }, words)),
  );
  return h("label", { for: `view-${name}` }, `${label} `, field);
}
