/** How well the probability of a class ranks rows: ROC and precision-recall. */

import { plot } from "#page/components/plot.js";
import { h, s } from "#page/dom.js";
import { data } from "#page/numbers.js";
import { keyOfParts, kindOf } from "#page/panels/understand/parts.js";
import { lineSwatch } from "#page/panels/understand/points.js";

/**
 * @import { Ranking } from "#page/messages.js"
 * @import { Plot } from "#page/components/plot.js"
 */

/** @param {Ranking} view */
export function ranking(view) {
  const name = view.outputs[view.output];
  const words = view.parts.map((part) => part.words).join(" ");
  const roc = plot({
    x: { label: "share of other rows before it", low: 0, high: 1 },
    y: { label: `share of ${name} found`, low: 0, high: 1 },
    height: 300,
    words: `ROC curve. ${words}`,
  });
  const [x0, y0, x1, y1] = [roc.x(0), roc.y(0), roc.x(1), roc.y(1)];
  roc.drawing.append(s("line", { class: "kept", x1: x0, y1: y0, x2: x1, y2: y1 }));
  const recall = plot({
    x: { label: `recall: share of ${name} found`, low: 0, high: 1 },
    y: { label: "precision", low: 0, high: 1 },
    height: 300,
    words: `Precision-recall curve. ${words}`,
  });
  for (const part of view.parts) {
    const kind = kindOf(part.part);
    roc.drawing.append(line(part.roc, roc, kind));
    recall.drawing.append(line(part.precision_recall, recall, kind));
  }
  return h(
    "div",
    {},
    ...view.parts.map((part) =>
      h(
        "p",
        {},
        part.words,
        " Area under the ROC curve ",
        data(part.area, `area-${part.part}`),
        ", average precision ",
        data(part.average_precision, `precision-${part.part}`),
        ".",
      ),
    ),
    h("h3", {}, "ROC"),
    roc.element,
    h("h3", {}, "Precision and recall"),
    recall.element,
    keyOfParts(view.parts, (kind) => lineSwatch(`curve ${kind}`)),
  );
}

/**
 * @param {[number, number][]} points
 * @param {Plot} chart
 * @param {string} kind
 */
function line(points, chart, kind) {
  const d = points.map(([x, y]) => `${chart.x(x).toFixed(1)} ${chart.y(y).toFixed(1)}`).join("L");
  return s("path", { class: `curve ${kind}`, d: `M${d}` });
}
