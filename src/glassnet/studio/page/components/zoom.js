/** The size of a picture: as large as its place, or larger, and then it is moved about in its place. */

import { h, put } from "#page/dom.js";

const SIZES = [1, 1.5, 2, 3, 4, 6];

/** @param {() => void} changed Called after every change. */
export function zoom(changed) {
  /** @type {HTMLElement | null} */
  let place = null;
  let size = 0;
  const smaller = h("button", { type: "button", "aria-label": "smaller picture", click: () => set(size - 1) }, "−");
  const larger = h("button", { type: "button", "aria-label": "larger picture", click: () => set(size + 1) }, "+");
  const element = h("div", { class: "zoom", role: "group", "aria-label": "size of the picture" }, smaller, larger);

  /** @param {number} wished */
  function set(wished) {
    size = Math.max(0, Math.min(SIZES.length - 1, wished));
    show();
    changed();
  }

  function show() {
    put(smaller, "aria-disabled", String(size === 0));
    put(larger, "aria-disabled", String(size === SIZES.length - 1));
    if (place === null) return;
    const middle = [0.5, 0.5];
    if (place.scrollWidth > 0) middle[0] = (place.scrollLeft + place.clientWidth / 2) / place.scrollWidth;
    if (place.scrollHeight > 0) middle[1] = (place.scrollTop + place.clientHeight / 2) / place.scrollHeight;
    place.style.setProperty("--zoom", String(SIZES[size]));
    put(place, "class", size === 0 ? "canvas" : "canvas enlarged");
    if (size === 0) place.removeAttribute("tabindex");
    else put(place, "tabindex", "0"); // so that the arrow keys move what is larger than its place
    place.scrollLeft = middle[0] * place.scrollWidth - place.clientWidth / 2;
    place.scrollTop = middle[1] * place.scrollHeight - place.clientHeight / 2;
  }

  show();
  return {
    element,
    /**
     * Enlarge this one from now on.
     * @param {HTMLElement} canvas
     */
    of(canvas) {
      place = canvas;
      size = 0;
      show();
    },
  };
}
