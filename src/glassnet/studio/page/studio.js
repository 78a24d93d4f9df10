/** The live page: a network that learns in the server, and everything that can be done with it. */

import { announceTraining } from "#page/components/live-announcer.js";
import { masthead } from "#page/components/masthead.js";
import { h, put } from "#page/dom.js";
import { connect } from "#page/connection.js";
import { liveActionsOn } from "#page/live-actions.js";
import { heard, initial, seen } from "#page/live-state.js";
import { buildPanel } from "#page/panels/build.js";
import { cardsPanel } from "#page/panels/cards.js";
import { dataPanel } from "#page/panels/data.js";
import { lessonsPanel } from "#page/panels/lessons.js";
import { networkPanel } from "#page/panels/network.js";
import { takeAwayPanel } from "#page/panels/take-away.js";
import { trainPanel } from "#page/panels/train.js";
import { understandPanel } from "#page/panels/understand.js";
import { whatIfPanel } from "#page/panels/what-if.js";
import { keepAddress } from "#page/restoring.js";
import { createStore } from "#page/store.js";

/**
 * @import { Link, LiveState, PanelName } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/**
 * @typedef {{ element: HTMLElement, update(state: LiveState): void }} Panel
 * @typedef {{ name: PanelName, title: string, make: (actions: LiveActions) => Panel }} Entry
 */

/** @type {Entry[]} The panels at the left, in the order in which a newcomer needs them. */
const PANELS = [
  { name: "data", title: "Data", make: dataPanel },
  { name: "build", title: "Build", make: buildPanel },
  { name: "train", title: "Train", make: trainPanel },
  { name: "understand", title: "Understand", make: understandPanel },
  { name: "what-if", title: "What if", make: whatIfPanel },
  { name: "lessons", title: "Lessons", make: lessonsPanel },
  { name: "take-away", title: "Take away", make: takeAwayPanel },
];

/** @param {HTMLElement} place */
function start(place) {
  const store = createStore(initial());
  /** @type {number[]} The frames that came since the page was drawn. */
  let undrawn = [];

  const connection = connect({
    hear: (message) => store.set(heard(store.state, message)),
    see: (buffer) => {
      const { frame, changes } = seen(store.state, buffer);
      undrawn.push(frame);
      store.set(changes);
    },
    link: (link, reason) => store.set({ link, notice: notice(store.state, link, reason) }),
  });
  const actions = liveActionsOn(store, connection);

  const head = masthead(
    PANELS.map(({ name, title }) => ({ name, title })),
    actions,
  );
  const panels = PANELS.map(({ name, make }) => {
    const panel = make(actions);
    const element = h(
      "div",
      { id: `panel-${name}`, class: "side", role: "tabpanel", tabindex: -1, "aria-labelledby": `to-${name}` },
      panel.element,
    );
    return { name, element, update: panel.update };
  });
  const network = networkPanel(actions);
  const cards = cardsPanel(actions);
  const words = announceTraining();
  const main = h(
    "main",
    {},
    h("section", { class: "panel work", "aria-label": "work" }, ...panels.map(({ element }) => element)),
    network.element,
    cards.element,
  );
  place.replaceChildren(h("div", { class: "page studio" }, head.element, main, words.element));

  /** @type {PanelName | null} */
  let open = null;
  store.subscribe((state) => {
    put(main, "data-panel", state.panel);
    put(main, "data-model", state.model === null ? "no" : "yes");
    const had = panels.some(({ element }) => element.contains(document.activeElement));
    for (const { name, element, update } of panels) {
      element.hidden = name !== state.panel;
      if (element.hidden) continue;
      update(state);
      // The button that led here has gone with its panel, so the keyboard goes on in this one.
      if (open !== name && had && !element.contains(document.activeElement)) element.focus({ preventScroll: true });
      open = name;
    }
    for (const part of [head, network, cards, words]) part.update(state);
    for (const frame of undrawn) connection.drawn(frame);
    undrawn = [];
  });
  keepAddress(store, actions);
}

/**
 * What the reader has to know when the connection changes.
 * @param {LiveState} state
 * @param {Link} link
 * @param {string | null} reason
 */
function notice(state, link, reason) {
  if (reason === null) return "";
  if (link === "closed") return reason || "The server has closed this session.";
  if (link === "lost") {
    return state.hello === null && state.source === null
      ? "There is no server. Start glassnet studio, and open the address that it prints."
      : "The server has gone, and what was trained since the last save with it. Start glassnet studio again, and open the address that it prints; this page finds it if the port is the same.";
  }
  if (link === "open" && state.link !== "connecting") {
    const title = state.source?.title ?? state.data?.title;
    return title === undefined ? "A new session has begun." : `A new session has begun. Open ${title} again to go on.`;
  }
  return "";
}

start(document.body);
