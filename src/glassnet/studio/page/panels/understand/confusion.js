/** Which classes are taken for which; a cell shows some of its rows. */

import { rowLink } from "#page/components/links.js";
import { table } from "#page/components/table.js";
import { h } from "#page/dom.js";
import { count, data } from "#page/numbers.js";
import { partName } from "#page/panels/understand/parts.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Confusion, ConfusionPart } from "#page/messages.js"
 */

const SHADES = 6; // of a cell, weak enough for text on them

/**
 * @param {Confusion} view
 * @param {LiveActions} actions
 */
export function confusion(view, actions) {
  return h("div", {}, ...view.parts.map((part) => matrix(part, view.classes, actions)));
}

/**
 * @param {ConfusionPart} part
 * @param {string[]} classes
 * @param {LiveActions} actions
 */
function matrix(part, classes, actions) {
  const shown = h("p", { class: "examples", "aria-live": "polite" }, "A number shows some of its rows.");
  /**
   * @param {number} i
   * @param {number} j
   */
  function examples(i, j) {
    const rows = part.examples[i][j];
    const words = i === j ? `${classes[i]}, predicted right: ` : `${classes[i]}, taken for ${classes[j]}: `;
    const more = part.counts[i][j] > rows.length ? `, and ${count(part.counts[i][j] - rows.length)} more` : "";
    shown.replaceChildren(
      words,
      ...rows.flatMap((row, place) => [place === 0 ? "" : ", ", rowLink(row, actions, part.part)]),
      more,
    );
  }
  return h(
    "section",
    { "aria-label": partName(part.part) },
    h("h3", {}, partName(part.part)),
    h("p", {}, part.words, " Accuracy ", data(part.accuracy, `accuracy-${part.part}`), "."),
    h(
      "div",
      { class: "matrix", tabindex: 0, role: "group", "aria-label": `confusion matrix, ${partName(part.part)}` },
      table(
        ["truth", ...classes],
        classes.map((name, i) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, name),
            ...classes.map((_, j) =>
              h(
                "td",
                { class: `shade-${Math.ceil(part.shares[i][j] * (SHADES - 1))}${i === j ? " right" : ""}` },
                part.counts[i][j] === 0
                  ? "0"
                  : h(
                      "button",
                      {
                        type: "button",
                        class: "cell-count",
                        "data-key": `${part.part} ${i} ${j}`,
                        "aria-label": `${part.counts[i][j]} of ${name} predicted as ${classes[j]}`,
                        click: () => examples(i, j),
                      },
                      count(part.counts[i][j]),
                    ),
              ),
            ),
          ),
        ),
        { kind: "confusion", caption: "Rows: the truth. Columns: the prediction." },
      ),
    ),
    shown,
  );
}
