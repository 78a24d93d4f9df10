/** Formulas in MathML, and the same with numbers for their letters. */

import { evaluate } from "#page/expressions.js";
import { number } from "#page/numbers.js";

/** @import { Formula } from "#page/recording.js" */

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** @type {Map<string, Element>} */
const known = new Map();

/**
 * The elements of a formula. The markup is the library's own, is read as XML, and holds no names from data.
 * @param {string} markup
 */
function parsed(markup) {
  let found = known.get(markup);
  if (found === undefined) {
    const text = `<math xmlns="${MATHML}">${markup}</math>`;
    found = new DOMParser().parseFromString(text, "application/xml").documentElement;
    known.set(markup, found);
  }
  return /** @type {MathMLElement} */ (document.importNode(found, true));
}

/**
 * @param {string} name
 * @param {...(Node | string)} children
 */
export function m(name, ...children) {
  const made = /** @type {MathMLElement} */ (document.createElementNS(MATHML, name));
  made.append(...children);
  return made;
}

/**
 * @param {string} text
 * @param {"prefix" | "postfix"} form
 */
function operator(text, form) {
  const made = m("mo", text);
  made.setAttribute("form", form);
  made.setAttribute("stretchy", "false");
  return made;
}

/**
 * In parentheses.
 * @param {MathMLElement} part
 */
function enclosed(part) {
  return m("mrow", operator("(", "prefix"), part, operator(")", "postfix"));
}

/**
 * A number as a factor: negative ones in parentheses.
 * @param {number} value
 */
export const factor = (value) => (value < 0 ? enclosed(numeral(value)) : numeral(value));

/**
 * A number as MathML: its minus and its power of ten are elements of their own.
 * @param {number} value
 */
export function numeral(value) {
  const text = number(value);
  const [mantissa, exponent] = (text.startsWith("−") ? text.slice(1) : text).split("e");
  /** @type {MathMLElement[]} */
  const parts = [];
  if (text.startsWith("−")) parts.push(operator("−", "prefix"));
  parts.push(/[∞N]/.test(mantissa) ? m("mi", mantissa) : m("mn", mantissa));
  if (exponent !== undefined) parts.push(m("mo", "×"), m("msup", m("mn", "10"), m("mn", exponent)));
  return m("mrow", ...parts);
}

/**
 * A formula in letters.
 * @param {Formula} formula
 */
export const inLetters = (formula) => parsed(formula.shown);

/**
 * A formula with numbers. Letters without a number stay, such as those of a sum over a layer.
 * @param {Formula} formula
 * @param {Record<string, number>} values
 */
export function inNumbers(formula, values) {
  const all = { ...values };
  for (const [letter, tree] of formula.shorthand) {
    if (tree !== null) all[letter] = evaluate(tree, all);
  }
  const made = parsed(formula.body);
  let isPutIn = false;
  for (const place of made.querySelectorAll("[data-letter]")) {
    const value = all[/** @type {string} */ (place.getAttribute("data-letter"))];
    if (value === undefined) continue;
    isPutIn = true;
    const digits = numeral(value);
    place.replaceChildren(...(needsParentheses(place, value) ? [enclosed(digits)] : [digits]));
  }
  if (isPutIn) {
    for (const sign of made.querySelectorAll("mo")) if (sign.textContent === "\u2062") sign.textContent = "·";
  }
  return made;
}

/**
 * @param {Element} place
 * @param {number} value
 */
function needsParentheses(place, value) {
  const parent = /** @type {Element} */ (place.parentElement);
  const row = parent.localName === "mrow" && parent.childElementCount === 1 ? parent : place;
  const isBase = row.parentElement?.localName === "msup" && row.previousElementSibling === null;
  if (isBase) return value < 0 || number(value).includes("e");
  const before = place.previousElementSibling;
  return value < 0 && before !== null && before.textContent !== "(" && before.textContent !== ",";
}

/**
 * Text in a formula, such as ∂E/∂w: one fraction of two signs.
 * @param {string} above
 * @param {string} below
 */
export function partial(above, below) {
  return m("math", m("mfrac", m("mrow", m("mo", "∂"), letter(above)), m("mrow", m("mo", "∂"), letter(below))));
}

/** @param {string} name */
export function sign(name) {
  return m("math", letter(name));
}

/** @param {string} name */
function letter(name) {
  const [base, below] = name.split("_");
  return below === undefined ? m("mi", base) : m("msub", m("mi", base), m("mi", below));
}
