/** Predicted against actual quantities, and the distribution of the errors. */

import { histogram } from "#page/components/histogram.js";
import { rowLink } from "#page/components/links.js";
import { plot } from "#page/components/plot.js";
import { table } from "#page/components/table.js";
import { h, s } from "#page/dom.js";
import { data, number } from "#page/numbers.js";
import { keyOfParts, kindOf, partName } from "#page/panels/understand/parts.js";
import { nearest, shape, swatch } from "#page/panels/understand/points.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Residuals, ResidualPart } from "#page/messages.js"
 */

const NEAR = 12; // pixels from a point that still mean it
const WORST = 5; // rows that are named

/**
 * @param {Residuals} view
 * @param {LiveActions} actions
 */
export function residuals(view, actions) {
  const name = view.outputs[view.output];
  const air = 0.04 * (view.high - view.low || 1);
  const [low, high] = [view.low - air, view.high + air];
  const chart = plot({
    x: { label: `actual ${name}`, low, high },
    y: { label: `predicted ${name}`, low, high },
    words: view.parts.map(({ words }) => words).join(" "),
  });
  chart.drawing.append(
    s("line", { class: "kept", x1: chart.x(low), y1: chart.y(low), x2: chart.x(high), y2: chart.y(high) }),
  );
  const points = view.parts.flatMap(({ part, points }, place) =>
    points.map(({ row, actual, predicted }) => ({ row, part, place, x: chart.x(actual), y: chart.y(predicted) })),
  );
  for (const { row, part, place, x, y } of points) {
    chart.drawing.append(
      s("path", { class: `point ${kindOf(part)}-point`, d: shape(x, y, place, 3.4) }, s("title", {}, `row ${row}`)),
    );
  }
  chart.element.addEventListener("click", (event) => {
    const to = chart.at(/** @type {MouseEvent} */ (event));
    const point = nearest(points, (at) => at, { x: chart.x(to.x), y: chart.y(to.y) }, NEAR);
    if (point !== null) void actions.look(point.row);
  });
  return h(
    "div",
    {},
    ...view.parts.map(({ words }) => h("p", {}, words)),
    scores(view.parts),
    h("h3", {}, "Predicted against actual"),
    chart.element,
    keyOfParts(view.parts, (kind, place) => swatch(place, `${kind}-point`)),
    h("p", { class: "muted" }, "On the dashed line, predictions are right."),
    ...view.parts.flatMap((part) => [
      h("h3", {}, `${partName(part.part)}: actual minus predicted`),
      histogram({
        edges: part.edges,
        counts: part.counts,
        label: `residual of ${name}: right of 0, predictions are too low`,
        words: part.words,
        kind: kindOf(part.part),
      }),
      worst(part, actions),
    ]),
  );
}

/** @param {ResidualPart[]} parts */
function scores(parts) {
  /** @type {[string, (part: ResidualPart) => number | null][]} */
  const rows = [
    ["R²", ({ r2 }) => r2],
    ["root mean square error", ({ rmse }) => rmse],
    ["mean absolute error", ({ mae }) => mae],
    ["mean residual", ({ mean }) => mean],
  ];
  return table(
    ["score", ...parts.map(({ part }) => partName(part))],
    rows.map(([name, of]) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, name),
        ...parts.map((part) => h("td", {}, of(part) === null ? "–" : data(of(part) ?? NaN, `${name} ${part.part}`))),
      ),
    ),
  );
}

/**
 * @param {ResidualPart} part
 * @param {LiveActions} actions
 */
function worst(part, actions) {
  const far = part.points.toSorted((one, other) => Math.abs(other.residual) - Math.abs(one.residual)).slice(0, WORST);
  return h(
    "p",
    {},
    "Furthest off: ",
    ...far.flatMap(({ row, residual }, place) => [
      place === 0 ? "" : ", ",
      rowLink(row, actions, part.part),
      ` (${residual > 0 ? "+" : ""}${number(residual)})`,
    ]),
    ".",
  );
}
