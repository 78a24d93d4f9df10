/** Numbers as text, with the digits of `glassnet.explain` and the minus of typesetters. */

import { h } from "#page/dom.js";

/**
 * @param {number} value
 * @param {number} digits Significant ones.
 */
export function significant(value, digits) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const text =
    exponent < -4 || exponent >= Math.max(digits, 4)
      ? `${trimmed(mantissa)}e${exponent}`
      : trimmed(value.toFixed(Math.max(0, digits - 1 - exponent)));
  return text.replaceAll("-", "−");
}

/**
 * Six significant digits.
 * @param {number} value
 */
export const number = (value) => significant(value, 6);

/**
 * A number in a picture: three significant digits, two in a power of ten.
 * @param {number} value
 */
export function short(value) {
  const size = Math.abs(value);
  const isPlain = (size >= 0.00095 && size < 9999.5) || size === 0 || !Number.isFinite(value);
  return isPlain ? significant(value, 3) : value.toExponential(1).replace("e+", "e").replaceAll("-", "−");
}

/**
 * A number for the inside of a circle: two decimals below 10, fewer above.
 * @param {number} value
 */
export function compact(value) {
  const size = Math.abs(value);
  if (!(size < 1e4)) return short(value);
  if (value === 0) return "0";
  if (size < 0.00495) return value.toExponential(0).replaceAll("-", "−");
  if (Number.isInteger(value)) return String(value).replace("-", "−");
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0).replace("-", "−");
}

/**
 * A number of rows, neurons or epochs.
 * @param {number} n
 */
export const count = (n) => n.toLocaleString("en");

/** @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** @param {string} text */
function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/**
 * A number in a text, with all its digits for machines and as a tooltip.
 * @param {number} value
 * @param {string} [name] What it is, for tests and scripts.
 */
export function data(value, name) {
  return h("data", { value: String(value), title: String(value), "data-name": name }, number(value));
}
