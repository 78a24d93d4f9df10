/** Tabs: one is open, the keyboard stands on it, and the arrow keys lead to the others. */

import { h, put } from "#page/dom.js";

/**
 * @template {string} N
 * @param {{ name: N, title: string, id: string, panel: string }[]} entries `panel` is the id of what a tab opens.
 * @param {string} label
 * @param {(name: N) => void} open
 */
export function tabs(entries, label, open) {
  const buttons = entries.map(({ name, title, id, panel }, place) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id,
        "aria-controls": panel,
        click: () => open(name),
        keydown: (/** @type {KeyboardEvent} */ event) => onKey(event, place),
      },
      title,
    ),
  );

  /**
   * @param {KeyboardEvent} event
   * @param {number} place
   */
  function onKey(event, place) {
    const n = entries.length;
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: n - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const within = (to + n) % n;
    open(entries[within].name);
    buttons[within].focus();
  }

  return {
    element: h("div", { role: "tablist", "aria-label": label }, ...buttons),
    /** @param {N} name The open one. */
    update(name) {
      buttons.forEach((button, place) => {
        const isOpen = entries[place].name === name;
        put(button, "aria-selected", String(isOpen));
        put(button, "tabindex", isOpen ? "0" : "-1");
      });
    },
  };
}
