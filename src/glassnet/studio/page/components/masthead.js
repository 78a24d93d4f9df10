/** The head of the live page: the panels as tabs, how training stands, and what is wrong with the connection. */

import { inWords } from "#page/components/live-announcer.js";
import { tabs } from "#page/components/tabs.js";
import { h, put, write } from "#page/dom.js";
import { standing } from "#page/live-state.js";
import { count } from "#page/numbers.js";

/**
 * @import { LiveState, PanelName } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/**
 * @param {{ name: PanelName, title: string }[]} panels
 * @param {LiveActions} actions
 */
export function masthead(panels, actions) {
  const work = tabs(
    panels.map(({ name, title }) => ({ name, title, id: `to-${name}`, panel: `panel-${name}` })),
    "work",
    actions.go,
  );
  const title = h("h1", {}, "glassnet studio");
  const status = h("p", { class: "status" });
  const words = h("span", {});
  const again = h("button", { type: "button", click: () => void actions.openAgain() });
  const connect = h("button", { type: "button", click: actions.connectAgain }, "Connect again");
  const dismiss = h("button", { type: "button", click: actions.dismiss }, "Close");
  const notice = h("div", { class: "notice", role: "alert" }, words, again, connect, dismiss);
  const element = h("header", { class: "masthead" }, h("div", { class: "bar" }, title, work.element, status), notice);

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      work.update(state.panel);
      write(status, state.link === "open" ? inWords(state) : state.link === "connecting" ? "connecting" : "no server");
      put(status, "class", `status ${state.link === "open" ? state.status.state : "without"}`);
      write(words, state.notice);
      notice.hidden = state.notice === "";
      again.hidden = state.source === null || state.link !== "open";
      write(again, `Open ${state.source?.title ?? ""} again`);
      connect.hidden = state.link !== "closed";
      dismiss.hidden = state.link !== "open";
      const { model, status: now } = state;
      const running = now.state === "training" ? `epoch ${count(standing(state).epoch)} · ` : "";
      const name = model === null ? "" : `${model.record.sizes.join("-")} · `;
      const words_ = `${running}${name}glassnet studio`;
      if (document.title !== words_) document.title = words_;
    },
  };
}
