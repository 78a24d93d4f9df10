/** The button that plays and pauses. */

import { h, put, s } from "#page/dom.js";

const [PLAY, PAUSE] = ["M4 2l13 8-13 8z", "M4 3h4v14H4zM12 3h4v14h-4z"];

/** @param {() => void} click */
export function playButton(click) {
  const sign = s("path", {});
  const element = h(
    "button",
    { type: "button", class: "play", click },
    s("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" }, sign),
  );
  return {
    element,
    /** @param {boolean} isPlaying */
    update(isPlaying) {
      put(element, "aria-label", isPlaying ? "pause" : "play");
      put(sign, "d", isPlaying ? PAUSE : PLAY);
    },
  };
}
