/** The stop criteria as bars: training ends when one is full. */

import { h, put, write } from "#page/dom.js";

/** @import { LiveState } from "#page/live.js" */

export function criteria() {
  const list = h("ul", { class: "criteria" });
  const element = h("div", {}, h("h3", {}, "It stops when a bar is full"), list);
  /** @type {Map<string, { item: HTMLElement, words: HTMLElement, bar: HTMLProgressElement }>} */
  const shown = new Map();

  /** @param {string} name */
  function made(name) {
    const words = h("span", { id: `criterion-${name}` });
    const bar = h("progress", { max: 1, value: 0, "aria-labelledby": words.id });
    const item = h("li", {}, words, bar);
    list.append(item);
    const each = { item, words, bar };
    shown.set(name, each);
    return each;
  }

  return {
    element,
    /** @param {LiveState} state */
    update({ criteria: all }) {
      element.hidden = all.length === 0;
      for (const { name, words, share } of all) {
        const each = shown.get(name) ?? made(name);
        write(each.words, words);
        put(each.bar, "value", Math.max(0, Math.min(1, share)).toFixed(3));
      }
      for (const [name, { item }] of shown) item.hidden = !all.some((each) => each.name === name);
    },
  };
}
