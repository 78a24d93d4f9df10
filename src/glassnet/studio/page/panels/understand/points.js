/** Points of rows: a shape and a color for each class, full for training rows and hollow for validation rows. */

import { h, s } from "#page/dom.js";

/** @typedef {{ row: number, x: number, y: number }} At */

const SHAPES = [
  (/** @type {number} */ r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  (/** @type {number} */ r) => `m${-0.9 * r} ${-0.9 * r}h${1.8 * r}v${1.8 * r}h${-1.8 * r}z`,
  (/** @type {number} */ r) => `m0 ${-1.2 * r}l${1.15 * r} ${2 * r}h${-2.3 * r}z`,
  (/** @type {number} */ r) => `m0 ${-1.3 * r}l${1.3 * r} ${1.3 * r}l${-1.3 * r} ${1.3 * r}l${-1.3 * r} ${-1.3 * r}z`,
  (/** @type {number} */ r) => `m0 ${1.2 * r}l${1.15 * r} ${-2 * r}h${-2.3 * r}z`,
  (/** @type {number} */ r) => {
    const t = 0.45 * r;
    const a = 1.25 * r - t;
    return `m${-t} ${-t - a}h${2 * t}v${a}h${a}v${2 * t}h${-a}v${a}h${-2 * t}v${-a}h${-a}v${-2 * t}h${a}z`;
  },
  (/** @type {number} */ r) =>
    `m${-0.6 * r} ${-1.1 * r}h${1.2 * r}l${0.6 * r} ${1.1 * r}l${-0.6 * r} ${1.1 * r}h${-1.2 * r}l${-0.6 * r} ${-1.1 * r}z`,
];

/** @param {number} place Of a class. */
export const colorOf = (place) => `class-${(place % 8) + 1}`;

/**
 * @param {number} x
 * @param {number} y
 * @param {number} place Of the class.
 * @param {number} [r]
 */
export const shape = (x, y, place, r = 4) => `M${x.toFixed(1)} ${y.toFixed(1)}${SHAPES[place % SHAPES.length](r)}`;

/**
 * A shape in a text.
 * @param {number} place
 * @param {string} kind
 */
export function swatch(place, kind) {
  return s(
    "svg",
    { class: "swatch", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    s("path", { class: `point ${kind}`, d: shape(8, 8, place, 5) }),
  );
}

/**
 * A line in a text.
 * @param {string} kind
 */
export function lineSwatch(kind) {
  return s(
    "svg",
    { class: "swatch", viewBox: "0 0 26 8", width: 26, height: 8, "aria-hidden": "true" },
    s("path", { class: kind, d: "M0 4H26" }),
  );
}

/** The mark of the chosen row. */
export function ring() {
  return s(
    "svg",
    { class: "swatch", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    s("circle", { class: "chosen", cx: 8, cy: 8, r: 6 }),
  );
}

/**
 * @param {...(Node | null)} entries
 */
export function key(...entries) {
  return h("div", { class: "key" }, ...entries);
}

/**
 * @param {Node} sample
 * @param {string} words
 */
export function keyed(sample, words) {
  return h("span", {}, sample, words);
}

/**
 * The nearest of some points on the screen, if it is near enough to be meant.
 * @template {At} P
 * @param {P[]} points
 * @param {(point: P) => { x: number, y: number }} place Where it is drawn.
 * @param {{ x: number, y: number }} to
 * @param {number} most The largest distance.
 * @returns {P | null}
 */
export function nearest(points, place, to, most) {
  let [found, least] = [/** @type {P | null} */ (null), most];
  for (const point of points) {
    const at = place(point);
    const distance = Math.hypot(at.x - to.x, at.y - to.y);
    if (distance <= least) [found, least] = [point, distance];
  }
  return found;
}
