/** A grid of cells in bands: one path for each kind of cell, with neighbors in a row joined. */

import { h, s } from "#page/dom.js";
import { short } from "#page/numbers.js";

/** @import { Plot } from "#page/components/plot.js" */

const BANDS = 12;

/**
 * The band of a value, from 0 to BANDS - 1; null where there is no value.
 * @param {number | null} value
 * @param {number | null} low
 * @param {number | null} high
 * @param {boolean} [isLog]
 */
export function bandOf(value, low, high, isLog = false) {
  if (value === null || low === null || high === null) return null;
  const scaled = isLog ? Math.log : (/** @type {number} */ at) => at;
  const share = high > low ? (scaled(value) - scaled(low)) / (scaled(high) - scaled(low)) : 0;
  return Math.max(0, Math.min(BANDS - 1, Math.floor(share * BANDS)));
}

/**
 * @param {Plot} plot
 * @param {{ columns: number, rows: number, low: [number, number], size: [number, number] }} grid The lower left corner of
 *   the first cell, and the size of each, in numbers of the axes.
 * @param {(row: number, column: number) => string | null} kindOf The class names of a cell; null draws none.
 */
export function cells(plot, { columns, rows, low, size }, kindOf) {
  /** @type {Map<string, string[]>} */
  const parts = new Map();
  for (let row = 0; row < rows; row += 1) {
    const [top, bottom] = [plot.y(low[1] + (row + 1) * size[1]), plot.y(low[1] + row * size[1])];
    for (let from = 0; from < columns;) {
      const kind = kindOf(row, from);
      let to = from + 1;
      while (to < columns && kindOf(row, to) === kind) to += 1;
      if (kind !== null) {
        const [left, right] = [plot.x(low[0] + from * size[0]), plot.x(low[0] + to * size[0])];
        const part = `M${left.toFixed(2)} ${top.toFixed(2)}H${right.toFixed(2)}V${bottom.toFixed(2)}H${left.toFixed(2)}Z`;
        parts.set(kind, [...(parts.get(kind) ?? []), part]);
      }
      from = to;
    }
  }
  return [...parts].map(([kind, each]) => s("path", { class: `cell ${kind}`, d: each.join("") }));
}

/**
 * What the bands mean.
 * @param {string} words
 * @param {number | null} low
 * @param {number | null} high
 */
export function scale(words, low, high) {
  const [width, each] = [150, 150 / BANDS];
  return h(
    "div",
    { class: "scale" },
    s(
      "svg",
      { viewBox: `0 0 ${width + 4} 34`, width: width + 4, height: 34, "aria-hidden": "true" },
      ...Array.from({ length: BANDS }, (_, band) =>
        s("rect", { class: `cell band-${band}`, x: 2 + band * each, y: 2, width: each + 0.3, height: 12 }),
      ),
      s("rect", { class: "frame", x: 2, y: 2, width, height: 12 }),
      s("text", { x: 2, y: 28 }, short(low ?? NaN)),
      s("text", { x: width + 2, y: 28, "text-anchor": "end" }, short(high ?? NaN)),
    ),
    h("span", {}, words),
  );
}
