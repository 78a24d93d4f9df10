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

/** @param {number} seconds */
export function secondsInWords(seconds) {
  if (seconds < 1.5) return "a second";
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
}
