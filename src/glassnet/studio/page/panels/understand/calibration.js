/** Whether probabilities come true: reliability of training and validation rows, with 95% intervals. */

import { h, s } from "#page/dom.js";
import { number } from "#page/numbers.js";
import { plot } from "#page/panels/understand/plot.js";
import { key, keyed, shape, swatch } from "#page/panels/understand/points.js";
import { partName } from "#page/panels/understand/rows.js";

/** @import { Calibration } from "#page/messages.js" */

/** @param {Calibration} view */
export function calibration(view) {
  const label = view.output === null ? "the predicted class" : view.outputs[view.output];
  const chart = plot({
    x: { label: `probability of ${label}`, low: 0, high: 1 },
    y: { label: "share that came true", low: 0, high: 1 },
    height: 340,
    words: view.parts.map(({ words }) => words).join(" "),
  });
  const [x0, y0, x1, y1] = [chart.x(0), chart.y(0), chart.x(1), chart.y(1)];
  chart.drawing.append(s("line", { class: "kept", x1: x0, y1: y0, x2: x1, y2: y1 }));
  view.parts.forEach(({ part, groups }, place) => {
    const kind = part === "validation" ? "validation" : "training";
    const line = groups.map((at) => `${chart.x(at.predicted).toFixed(1)} ${chart.y(at.observed).toFixed(1)}`).join("L");
    chart.drawing.append(s("path", { class: `curve ${kind}`, d: `M${line}` }));
    for (const { predicted, observed, low, high, n_rows } of groups) {
      const x = chart.x(predicted) + 3 * place;
      chart.drawing.append(
        s("line", { class: `interval ${kind}`, x1: x, x2: x, y1: chart.y(low), y2: chart.y(high) }),
        s(
          "path",
          { class: `point ${kind}-point`, d: shape(x, chart.y(observed), place) },
          s("title", {}, `${n_rows} rows: ${number(predicted)} predicted, ${number(observed)} came true`),
        ),
      );
    }
  });
  return h(
    "div",
    {},
    ...view.parts.map(({ words }) => h("p", {}, words)),
    chart.element,
    key(
      ...view.parts.map(({ part }, place) =>
        keyed(
          swatch(place, `${part === "validation" ? "validation" : "training"}-point`),
          partName(part).toLowerCase(),
        ),
      ),
    ),
    h("p", { class: "muted" }, "On the dashed line, probabilities come true. Bars are 95% intervals."),
    h("details", {}, h("summary", {}, "The numbers"), ...view.parts.map(table)),
  );
}

/** @param {Calibration["parts"][number]} part */
function table(part) {
  const heads = ["probability", "came true", "95% interval", "rows"];
  return h(
    "table",
    {},
    h("caption", {}, partName(part.part)),
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h(
      "tbody",
      {},
      ...part.groups.map((group) =>
        h(
          "tr",
          {},
          h("td", {}, number(group.predicted)),
          h("td", {}, number(group.observed)),
          h("td", {}, `${number(group.low)} to ${number(group.high)}`),
          h("td", {}, String(group.n_rows)),
        ),
      ),
    ),
  );
}
