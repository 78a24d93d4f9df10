/** Axes in two directions, between which a view is drawn. */

import { ticks } from "#page/components/chart.js";
import { s } from "#page/dom.js";
import { short } from "#page/numbers.js";

/**
 * Numbers between `low` and `high`, or levels at the places 0, 1, 2, ...
 * @typedef {{ label: string, low: number, high: number, levels?: string[] | null }} Side
 */

const LEFT = 58;
const RIGHT = 14;
const TOP = 10;
const BOTTOM = 42;
const MOST_LEVELS = 8; // that are written

/**
 * @param {{ x: Side, y: Side, width?: number, height?: number, words: string }} options `words` say what is to be seen.
 */
export function plot({ x: across, y: up, width = 480, height = 370, words }) {
  const [top, bottom, end] = [TOP, height - BOTTOM, width - RIGHT];
  /** @param {number} at */
  const x = (at) => LEFT + ((at - across.low) / (across.high - across.low || 1)) * (end - LEFT);
  /** @param {number} at */
  const y = (at) => bottom - ((at - up.low) / (up.high - up.low || 1)) * (bottom - top);
  const drawing = s("g", {});
  const element = s(
    "svg",
    { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words },
    ...marks(across).map(({ at }) => s("line", { class: "grid", x1: x(at), x2: x(at), y1: top, y2: bottom })),
    ...marks(up).map(({ at }) => s("line", { class: "grid", x1: LEFT, x2: end, y1: y(at), y2: y(at) })),
    drawing,
    s("path", { class: "frame", d: `M${LEFT} ${top}H${end}V${bottom}H${LEFT}Z` }),
    ...marks(across).map(({ at, text }) => s("text", { x: x(at), y: bottom + 15, "text-anchor": "middle" }, text)),
    ...marks(up).map(({ at, text }) => s("text", { x: LEFT - 6, y: y(at) + 4, "text-anchor": "end" }, text)),
    s("text", { class: "label", x: (LEFT + end) / 2, y: height - 6, "text-anchor": "middle" }, cut(across.label, 60)),
    s(
      "text",
      {
        class: "label",
        x: 12,
        y: (top + bottom) / 2,
        "text-anchor": "middle",
        transform: `rotate(-90 12 ${(top + bottom) / 2})`,
      },
      cut(up.label, 50),
    ),
  );
  return {
    element,
    drawing,
    x,
    y,
    left: LEFT,
    right: end,
    top,
    bottom,
    /**
     * Where the pointer is, in numbers of the axes.
     * @param {MouseEvent} event
     */
    at(event) {
      const box = element.getBoundingClientRect();
      const scale = Math.min(box.width / width, box.height / height);
      const right = (event.clientX - box.left - (box.width - width * scale) / 2) / scale;
      const down = (event.clientY - box.top - (box.height - height * scale) / 2) / scale;
      return {
        x: across.low + ((right - LEFT) / (end - LEFT)) * (across.high - across.low),
        y: up.low + ((bottom - down) / (bottom - top)) * (up.high - up.low),
      };
    },
  };
}

/** @typedef {ReturnType<typeof plot>} Plot */

/**
 * @param {Side} side
 * @returns {{ at: number, text: string }[]}
 */
function marks({ low, high, levels }) {
  if (!levels) return ticks(low, high, false).map((at) => ({ at, text: short(at) }));
  const stride = Math.ceil(levels.length / MOST_LEVELS);
  return levels.map((level, at) => ({ at, text: cut(level, 9) })).filter(({ at }) => at % stride === 0);
}

/**
 * @param {string} text
 * @param {number} most
 */
function cut(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/**
 * The middle points of cells as a side whose ends are the edges of the cells.
 * @param {string} label
 * @param {number[]} values Evenly spaced.
 * @param {string[] | null} [levels]
 * @returns {Side}
 */
export function sideOf(label, values, levels = null) {
  const half = values.length > 1 ? (values[1] - values[0]) / 2 : 0.5;
  return { label, low: values[0] - half, high: values[values.length - 1] + half, levels };
}
