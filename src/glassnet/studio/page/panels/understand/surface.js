/** The decision surface over two columns, with the rows on it and a cross to read values off. */

import { plot, sideOf } from "#page/components/plot.js";
import { h, s, write } from "#page/dom.js";
import { number, percent } from "#page/numbers.js";
import { bandOf, cells, scale } from "#page/panels/understand/cells.js";
import { held } from "#page/panels/understand/held.js";
import { colorOf, key, keyed, nearest, ring, shape, swatch } from "#page/panels/understand/points.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Surface, SurfaceAxis, SurfacePoint } from "#page/messages.js"
 * @import { Plot } from "#page/components/plot.js"
 */

const NEAR = 14; // pixels from a point that still mean it
const BESIDE = 9; // pixels between rows of the same values
const MOST_BESIDE = 4; // of them

/**
 * @param {Surface} view
 * @param {LiveActions} actions
 */
export function surface(view, actions) {
  const { x, y, values, predicted } = view;
  const chart = plot({
    x: sideOf(x.label, x.values, x.levels),
    y: sideOf(y.label, y.values, y.levels),
    words: view.words,
  });
  const step = (/** @type {SurfaceAxis} */ axis) => (axis.values.length > 1 ? axis.values[1] - axis.values[0] : 1);
  const size = /** @type {[number, number]} */ ([step(x), step(y)]);
  const grid = {
    columns: x.values.length,
    rows: y.values.length,
    low: /** @type {[number, number]} */ ([x.values[0] - size[0] / 2, y.values[0] - size[1] / 2]),
    size,
  };
  chart.drawing.append(
    ...cells(chart, grid, (row, column) => {
      const band = bandOf(values[row][column], view.low, view.high);
      if (band === null) return null;
      if (predicted === null || view.output !== null) return `band-${band}`;
      return `${colorOf(predicted[row][column])} sure-${band}`;
    }),
  );
  if (predicted !== null) chart.drawing.append(s("path", { class: "border", d: borders(predicted, chart, grid) }));

  const at = apart(view, chart);
  for (const point of view.points) chart.drawing.append(drawn(point, at(point), view));
  if (view.chosen !== null) {
    const { x: across, y: down } = at(view.chosen);
    chart.drawing.append(s("circle", { class: "chosen", cx: across, cy: down, r: 9 }));
  }
  if (predicted !== null) chart.drawing.append(...names(view, chart));

  const cross = s("path", { class: "cross" });
  chart.drawing.append(cross);
  const readout = h("p", { class: "readout-line", "aria-live": "polite" });
  const start = { column: Math.floor(grid.columns / 2), row: Math.floor(grid.rows / 2) };
  let place = start;

  /** @param {{ column: number, row: number }} to */
  function show(to) {
    place = {
      column: Math.max(0, Math.min(grid.columns - 1, to.column)),
      row: Math.max(0, Math.min(grid.rows - 1, to.row)),
    };
    const [right, down] = [chart.x(x.values[place.column]), chart.y(y.values[place.row])];
    cross.setAttribute("d", `M${right} ${chart.top}V${chart.bottom}M${chart.left} ${down}H${chart.right}`);
    write(readout, reading(view, place));
  }

  /** @param {MouseEvent} event */
  function cellAt(event) {
    const to = chart.at(event);
    return { column: Math.floor((to.x - grid.low[0]) / size[0]), row: Math.floor((to.y - grid.low[1]) / size[1]) };
  }

  /**
   * @param {{ x: number, y: number }} to In the picture.
   * @param {number} most
   */
  function choose(to, most) {
    const point = nearest(view.points, at, to, most);
    if (point !== null) void actions.look(point.row);
  }

  const field = h(
    "div",
    {
      class: "field",
      tabindex: 0,
      role: "group",
      "data-key": "surface",
      "aria-label": "Values of the surface: arrow keys move a cross, Enter chooses the nearest row",
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        const far = event.shiftKey ? 10 : 1;
        if (by !== undefined) show({ column: place.column + far * by[0], row: place.row + far * by[1] });
        else if (event.key === "Enter")
          choose({ x: chart.x(x.values[place.column]), y: chart.y(y.values[place.row]) }, Infinity);
        else return;
        event.preventDefault();
      },
      focus: () => show(place),
      pointermove: (/** @type {PointerEvent} */ event) => show(cellAt(event)),
      click: (/** @type {MouseEvent} */ event) => {
        const to = chart.at(event);
        choose({ x: chart.x(to.x), y: chart.y(to.y) }, NEAR);
      },
    },
    chart.element,
  );
  write(
    readout,
    "Point at the picture, or use the arrow keys on it, to read values; a click on a point chooses its row.",
  );
  return h("div", {}, field, readout, legend(view), held(view));
}

/**
 * Where points are drawn. Rows of the same level, and of the same values, would lie on each other, so they lie a little
 * beside each other.
 * @param {Surface} view
 * @param {Plot} chart
 */
function apart({ x, y, points }, chart) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @type {Map<number, { x: number, y: number }>} */
  const places = new Map();
  for (const point of points) {
    const across = chart.x(point.x + (x.levels === null ? 0 : scatter(point.row, 1)));
    const up = chart.y(point.y + (y.levels === null ? 0 : scatter(point.row, 2)));
    const key = `${across.toFixed(1)} ${up.toFixed(1)}`;
    const n = counts.get(key) ?? 0;
    counts.set(key, n + 1);
    const fits = n <= MOST_BESIDE && across + BESIDE * n < chart.right;
    places.set(point.row, { x: across + (fits ? BESIDE * n : 0), y: up });
  }
  return (/** @type {SurfacePoint} */ point) => places.get(point.row) ?? { x: chart.x(point.x), y: chart.y(point.y) };
}

/**
 * @param {number} row
 * @param {number} way
 */
function scatter(row, way) {
  return ((((row + 1) * way * 0.61803398875) % 1) - 0.5) * 0.5;
}

/**
 * @param {SurfacePoint} point
 * @param {{ x: number, y: number }} at
 * @param {Surface} view
 */
function drawn(point, at, view) {
  const isValidation = point.part === "validation";
  const place = view.predicted === null ? Number(isValidation) : point.target;
  const color = view.predicted === null ? `band-${bandOf(point.target, view.low, view.high)} quantity` : colorOf(place);
  const marks = [isValidation && view.predicted !== null ? "hollow" : "", point.is_right === false ? "wrong" : ""];
  const words = `row ${point.row}: ${point.words}${point.is_right === false ? ", predicted wrong" : ""}`;
  return s(
    "path",
    { class: `point ${color} ${marks.join(" ")}`, d: shape(at.x, at.y, place, point.is_right === false ? 4.6 : 3.6) },
    s("title", {}, words),
  );
}

/**
 * Where neighboring cells are of different classes.
 * @param {number[][]} predicted
 * @param {Plot} chart
 * @param {{ columns: number, rows: number, low: [number, number], size: [number, number] }} grid
 */
function borders(predicted, chart, { columns, rows, low, size }) {
  const parts = [];
  const x = (/** @type {number} */ column) => chart.x(low[0] + column * size[0]).toFixed(2);
  const y = (/** @type {number} */ row) => chart.y(low[1] + row * size[1]).toFixed(2);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const own = predicted[row][column];
      if (column + 1 < columns && predicted[row][column + 1] !== own)
        parts.push(`M${x(column + 1)} ${y(row)}V${y(row + 1)}`);
      if (row + 1 < rows && predicted[row + 1][column] !== own)
        parts.push(`M${x(column)} ${y(row + 1)}H${x(column + 1)}`);
    }
  }
  return parts.join("");
}

/**
 * The name of each class, in the middle of where it is predicted.
 * @param {Surface} view
 * @param {Plot} chart
 */
function names(view, chart) {
  const predicted = /** @type {number[][]} */ (view.predicted);
  return view.outputs.flatMap((name, place) => {
    /** @type {[number, number][]} */
    const own = [];
    predicted.forEach((row, i) => row.forEach((found, j) => found === place && own.push([i, j])));
    if (own.length < 0.02 * predicted.length * predicted[0].length) return [];
    const middle = [0, 1].map((side) => own.reduce((sum, cell) => sum + cell[side], 0) / own.length);
    const far = (/** @type {[number, number]} */ [i, j]) => Math.hypot(i - middle[0], j - middle[1]);
    const [i, j] = own.reduce((best, cell) => (far(cell) < far(best) ? cell : best));
    const right = Math.max(chart.left + 40, Math.min(chart.right - 40, chart.x(view.x.values[j])));
    return [
      s("text", { class: "halo name", x: right, y: chart.y(view.y.values[i]) + 4, "text-anchor": "middle" }, name),
    ];
  });
}

/**
 * @param {Surface} view
 * @param {{ column: number, row: number }} place
 */
function reading(view, { column, row }) {
  const where = (/** @type {SurfaceAxis} */ axis, /** @type {number} */ at) =>
    `${axis.label} ${axis.levels === null ? number(axis.values[at]) : axis.levels[at]}`;
  const value = view.values[row][column];
  const found = view.predicted === null ? null : view.outputs[view.predicted[row][column]];
  const share = value === null ? "no number" : view.predicted === null ? number(value) : percent(value);
  const of = view.output === null ? "" : `, ${view.outputs[view.output]} `;
  const what = found === null ? `${view.outputs[view.output ?? 0]} ${share}` : `${found}${of || ", "}${share}`;
  return `${where(view.x, column)}, ${where(view.y, row)}: ${what}`;
}

/** @param {Surface} view */
function legend(view) {
  const isClasses = view.predicted !== null;
  const parts = new Set(view.points.map(({ part }) => part));
  return h(
    "div",
    {},
    key(
      ...(isClasses ? view.outputs.slice(0, 12).map((name, place) => keyed(swatch(place, colorOf(place)), name)) : []),
      parts.has("validation") && isClasses ? keyed(swatch(0, "plain hollow"), "hollow: validation rows") : null,
      parts.has("validation") && !isClasses ? keyed(swatch(1, "plain"), "squares: validation rows") : null,
      view.points.some((point) => point.is_right === false)
        ? keyed(swatch(0, "plain wrong"), "large, thick edge: predicted wrong")
        : null,
      view.chosen === null ? null : keyed(ring(), `row ${view.chosen.row}, the chosen one`),
    ),
    isClasses && view.output === null
      ? h("p", { class: "muted" }, "The fuller the color, the surer the prediction.")
      : scale(
          isClasses ? `probability of ${view.outputs[view.output ?? 0]}` : view.outputs[view.output ?? 0],
          view.low,
          view.high,
        ),
  );
}
