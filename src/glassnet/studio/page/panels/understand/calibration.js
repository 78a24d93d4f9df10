/** Whether probabilities come true: reliability of training and validation rows, with 95% intervals. */

import { plot } from "#page/components/plot.js";
import { table } from "#page/components/table.js";
import { h, s } from "#page/dom.js";
import { count, number } from "#page/numbers.js";
import { keyOfParts, kindOf, partName } from "#page/panels/understand/parts.js";
import { shape, swatch } from "#page/panels/understand/points.js";

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
    const kind = kindOf(part);
    const line = groups.map((at) => `${chart.x(at.predicted).toFixed(1)} ${chart.y(at.observed).toFixed(1)}`).join("L");
    chart.drawing.append(s("path", { class: `curve ${kind}`, d: `M${line}` }));
    for (const { predicted, observed, low, high, n_rows } of groups) {
      const x = chart.x(predicted) + 3 * place;
      chart.drawing.append(
        s("line", { class: `interval ${kind}`, x1: x, x2: x, y1: chart.y(low), y2: chart.y(high) }),
        s(
          "path",
          { class: `point ${kind}-point`, d: shape(x, chart.y(observed), place) },
          s("title", {}, `${count(n_rows)} rows: ${number(predicted)} predicted, ${number(observed)} came true`),
        ),
      );
    }
  });
  return h(
    "div",
    {},
    ...view.parts.map(({ words }) => h("p", {}, words)),
    chart.element,
    keyOfParts(view.parts, (kind, place) => swatch(place, `${kind}-point`)),
    h("p", { class: "muted" }, "On the dashed line, probabilities come true. Bars are 95% intervals."),
    h("details", {}, h("summary", {}, "The numbers"), ...view.parts.map(groupsOf)),
  );
}

/** @param {Calibration["parts"][number]} part */
function groupsOf({ part, groups }) {
  return table(
    ["probability", "came true", "95% interval", "rows"],
    groups.map(({ predicted, observed, low, high, n_rows }) =>
      h(
        "tr",
        {},
        h("td", {}, number(predicted)),
        h("td", {}, number(observed)),
        h("td", {}, `${number(low)} to ${number(high)}`),
        h("td", {}, count(n_rows)),
      ),
    ),
    { caption: partName(part) },
  );
}
