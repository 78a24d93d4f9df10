/** The head of the live page: the panels as tabs, how training stands, and what is wrong with the connection. */

import { h, put, write } from "#page/dom.js";
import { inWords } from "#page/components/live-announcer.js";
import { standing } from "#page/live-state.js";

/**
 * @import { LiveState, PanelName } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/**
 * @param {{ name: PanelName, title: string }[]} panels
 * @param {LiveActions} actions
 */
export function masthead(panels, actions) {
  const tabs = panels.map(({ name, title }, place) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `to-${name}`,
        "aria-controls": `panel-${name}`,
        click: () => actions.go(name),
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
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: panels.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const within = (to + panels.length) % panels.length;
    actions.go(panels[within].name);
    tabs[within].focus();
  }

  const title = h("h1", {}, "glassnet studio");
  const status = h("p", { class: "status" });
  const words = h("span", {});
  const again = h("button", { type: "button", click: () => void actions.openAgain() });
  const connect = h("button", { type: "button", click: actions.connectAgain }, "Connect again");
  const dismiss = h("button", { type: "button", click: actions.dismiss }, "Close");
  const notice = h("div", { class: "notice", role: "alert" }, words, again, connect, dismiss);
  const element = h(
    "header",
    { class: "masthead" },
    h("div", { class: "bar" }, title, h("div", { role: "tablist", "aria-label": "work" }, ...tabs), status),
    notice,
  );

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      tabs.forEach((tab, place) => {
        const isOpen = panels[place].name === state.panel;
        put(tab, "aria-selected", String(isOpen));
        put(tab, "tabindex", isOpen ? "0" : "-1");
      });
      write(status, state.link === "open" ? inWords(state) : state.link === "connecting" ? "connecting" : "no server");
      put(status, "class", `status ${state.link === "open" ? state.status.state : "without"}`);
      write(words, state.notice);
      notice.hidden = state.notice === "";
      again.hidden = state.source === null || state.link !== "open";
      write(again, `Open ${state.source?.title ?? ""} again`);
      connect.hidden = state.link !== "closed";
      dismiss.hidden = state.link !== "open";
      const { model, status: now } = state;
      const running = now.state === "training" ? `epoch ${standing(state).epoch.toLocaleString("en")} · ` : "";
      const name = model === null ? "" : `${model.record.sizes.join("-")} · `;
      const words_ = `${running}${name}glassnet studio`;
      if (document.title !== words_) document.title = words_;
    },
  };
}
