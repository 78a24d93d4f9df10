/** The output along one column, with the rows beside it. */

import { plot, sideOf } from "#page/components/plot.js";
import { table } from "#page/components/table.js";
import { h, s } from "#page/dom.js";
import { number } from "#page/numbers.js";
import { held } from "#page/panels/understand/held.js";
import { kindOf } from "#page/panels/understand/parts.js";
import { key, keyed, lineSwatch, nearest, ring, shape, swatch } from "#page/panels/understand/points.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Response, SurfacePoint } from "#page/messages.js"
 */

const NEAR = 12; // pixels from a point that still mean it
const LISTED = 12; // values in the table

/**
 * @param {Response} view
 * @param {LiveActions} actions
 */
export function response(view, actions) {
  const { x, values, low, high } = view;
  const name = view.outputs[view.output];
  const label = view.is_share ? `probability of ${name}` : name;
  const air = 0.05 * (high - low || 1);
  const chart = plot({
    x: sideOf(x.label, x.values, x.levels),
    y: { label, low: low - air, high: high + air },
    words: view.words,
  });
  const at = (/** @type {SurfacePoint} */ point) => ({ x: chart.x(point.x), y: chart.y(point.y) });
  for (const point of view.points) {
    const [kind, place] = [kindOf(point.part), at(point)];
    chart.drawing.append(
      s(
        "path",
        {
          class: `point ${kind}-point`,
          d: shape(place.x, place.y, Number(kind === "validation"), 3.4),
        },
        s("title", {}, `row ${point.row}: ${point.words}`),
      ),
    );
  }
  const known = x.values.flatMap((across, place) => {
    const value = values[place];
    return value === null ? [] : [`${chart.x(across).toFixed(1)} ${chart.y(value).toFixed(1)}`];
  });
  if (known.length > 0 && x.levels === null) {
    chart.drawing.append(s("path", { class: "response", d: `M${known.join("L")}` }));
  } else {
    for (const place of known) chart.drawing.append(s("path", { class: "response", d: `M${place}m-16 0h32` }));
  }
  if (view.chosen !== null) {
    const place = at(view.chosen);
    chart.drawing.append(s("circle", { class: "chosen", cx: place.x, cy: place.y, r: 8 }));
  }
  chart.element.addEventListener("click", (event) => {
    const to = chart.at(/** @type {MouseEvent} */ (event));
    const point = nearest(view.points, at, { x: chart.x(to.x), y: chart.y(to.y) }, NEAR);
    if (point !== null) void actions.look(point.row);
  });
  const hasValidation = view.points.some(({ part }) => part === "validation");
  return h(
    "div",
    {},
    chart.element,
    key(
      keyed(lineSwatch("response"), view.is_share ? "predicted probability" : "prediction"),
      keyed(swatch(0, "training-point"), hasValidation ? "training rows" : "rows"),
      hasValidation ? keyed(swatch(1, "validation-point"), "validation rows") : null,
      view.chosen === null ? null : keyed(ring(), `row ${view.chosen.row}, the chosen one`),
    ),
    view.is_share && h("p", { class: "muted" }, `Rows of ${name} lie at 1, all others at 0.`),
    h("details", {}, h("summary", {}, "The numbers"), listed(view, label)),
    held(view),
  );
}

/**
 * @param {Response} view
 * @param {string} label
 */
function listed({ x, values }, label) {
  const stride = x.levels === null ? Math.max(1, Math.floor((values.length - 1) / (LISTED - 1))) : 1;
  const rows = x.values.map((across, place) => ({ across, place })).filter(({ place }) => place % stride === 0);
  return table(
    [x.label, label],
    rows.map(({ across, place }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, x.levels === null ? number(across) : x.levels[place]),
        h("td", {}, number(values[place] ?? NaN)),
      ),
    ),
  );
}
