/** Sentences that several panels share: what was refused, and the one way on. */

import { h, write } from "#page/dom.js";

/**
 * What was refused at a place; the page begins its sentences with a capital.
 * @param {string} [id]
 */
export function refusal(id) {
  const element = h("p", { class: "refused", role: "alert", id });
  element.hidden = true;
  return {
    element,
    /** @param {string | undefined} words */
    update(words) {
      element.hidden = words === undefined || words === "";
      write(element, (words ?? "").replace(/^[a-z]+(?=[ ,])/, capitalized));
    },
  };
}

/**
 * With a capital, unlike a name such as data.csv.
 * @param {string} word
 */
const capitalized = (word) => word[0].toUpperCase() + word.slice(1);

/**
 * The bar at the end of a panel, with what comes next.
 * @param {...HTMLElement} children
 */
export function next(...children) {
  return h("div", { class: "next" }, ...children);
}

/**
 * @param {string} words
 * @param {() => void} click
 */
export function primary(words, click) {
  return h("button", { type: "button", class: "primary", click }, words);
}

/**
 * What a panel says while there is nothing for it, and the way on.
 * @param {string} words
 * @param {string} way
 * @param {() => void} click
 */
export function nothing(words, way, click) {
  const element = h("div", { class: "nothing" }, h("p", {}, words), next(primary(way, click)));
  return {
    element,
    /** @param {boolean} isShown */
    update(isShown) {
      element.hidden = !isShown;
    },
  };
}

/** @param {number} seconds */
export function secondsInWords(seconds) {
  if (seconds < 1.5) return "a second";
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
}
