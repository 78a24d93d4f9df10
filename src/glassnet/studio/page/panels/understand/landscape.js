/** The cost landscape, with the path of the descent. */

import { link } from "#page/components/links.js";
import { plot, sideOf } from "#page/components/plot.js";
import { h, s } from "#page/dom.js";
import { count, number } from "#page/numbers.js";
import { bandOf, cells, scale } from "#page/panels/understand/cells.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Landscape } from "#page/messages.js"
 */

const STOPS = 12; // epochs on the path that can be gone to

/**
 * @param {Landscape} view
 * @param {LiveActions} actions
 */
export function landscape(view, actions) {
  const { u, v, cost, low, high, is_log } = view;
  const chart = plot({ x: sideOf(view.names[0], u), y: sideOf(view.names[1], v), words: view.words });
  const size = /** @type {[number, number]} */ ([u[1] - u[0], v[1] - v[0]]);
  const grid = {
    columns: u.length,
    rows: v.length,
    low: /** @type {[number, number]} */ ([u[0] - size[0] / 2, v[0] - size[1] / 2]),
    size,
  };
  chart.drawing.append(
    ...cells(chart, grid, (row, column) => {
      const band = bandOf(cost[row][column], low, high, is_log);
      return band === null ? null : `band-${band}`;
    }),
  );
  const hasPath = view.path.length > 1;
  const d = view.path.map((at) => `${chart.x(at.u).toFixed(1)} ${chart.y(at.v).toFixed(1)}`).join("L");
  if (hasPath) {
    chart.drawing.append(s("path", { class: "path under", d: `M${d}` }), s("path", { class: "path", d: `M${d}` }));
  }
  const stops = [...Array(Math.min(STOPS, view.path.length)).keys()].map(
    (k, _, all) => view.path[Math.round((k * (view.path.length - 1)) / Math.max(1, all.length - 1))],
  );
  for (const { epoch, u: at, v: up } of hasPath ? stops.slice(0, -1) : []) {
    chart.drawing.append(
      s("circle", { class: "stop", cx: chart.x(at), cy: chart.y(up), r: 3.5 }, s("title", {}, `epoch ${count(epoch)}`)),
    );
  }
  if (hasPath) {
    const [first] = view.path;
    chart.drawing.append(
      s("text", { class: "halo", x: chart.x(first.u) + 7, y: chart.y(first.v) - 6 }, `epoch ${count(first.epoch)}`),
    );
  }
  const [x, y] = [chart.x(0), chart.y(0)];
  chart.drawing.append(
    s("path", { class: "here", d: `M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z` }),
    s("text", { class: "halo", x: x + 10, y: y + 14 }, `now, epoch ${count(view.epoch)}`),
  );
  return h(
    "div",
    {},
    chart.element,
    scale(`${view.cost_name}${is_log ? ", logarithmic" : ""}`, low, high),
    h("p", {}, `At the network, the ${view.cost_name} is ${view.here === null ? "not finite" : number(view.here)}.`),
    hasPath &&
      h(
        "p",
        {},
        "Go to ",
        ...stops.flatMap(({ epoch }, place) => [
          place === 0 ? "" : ", ",
          link(`epoch ${count(epoch)}`, () => actions.lookBack(epoch), `epoch ${epoch}`),
        ]),
        ".",
      ),
  );
}
