/** What the network has learned: surfaces, curves, errors and blame, drawn from views that the server makes. */

import { nothing } from "#page/components/told.js";
import { h, put, replaceIn, write } from "#page/dom.js";
import { count } from "#page/numbers.js";
import { blame } from "#page/panels/understand/blame.js";
import { calibration } from "#page/panels/understand/calibration.js";
import { confusion } from "#page/panels/understand/confusion.js";
import { findings } from "#page/panels/understand/findings.js";
import { landscape } from "#page/panels/understand/landscape.js";
import { learning } from "#page/panels/understand/learning.js";
import { choose, controlsOf } from "#page/panels/understand/options.js";
import { ranking } from "#page/panels/understand/ranking.js";
import { residuals } from "#page/panels/understand/residuals.js";
import { response } from "#page/panels/understand/response.js";
import { surface } from "#page/panels/understand/surface.js";
import { weights } from "#page/panels/understand/weights.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Overview, View, ViewCard, ViewData } from "#page/messages.js"
 */

/** @type {Record<string, (view: any, actions: LiveActions) => Element>} */
const DRAWN = {
  surface,
  response,
  landscape,
  learning,
  confusion,
  calibration,
  ranking,
  residuals,
  blame,
  weights,
  findings,
};

const PICTURES = ["surface", "response", "landscape"]; // whose sentence stands below, so that they are seen at once

const WITH_ROW = ["surface", "response"]; // which show the chosen row

const WHEN_PAUSED = ["findings"]; // which show more when training pauses

const REST = 400; // milliseconds between two views while training goes on, at least
const SHARE = 5; // and so many times as long as the last one took, so that training goes on beside it

/** @param {LiveActions} actions */
export function understandPanel(actions) {
  const without = nothing("What a network has learned is shown here, when there is one.", "Open data", () =>
    actions.go("data"),
  );
  const menu = h("nav", { "aria-label": "views" });
  const words = h("p", { class: "muted" });
  const controls = h("div", { class: "options" });
  const follow = h("input", { type: "checkbox", change: () => actions.followTraining(follow.checked) });
  const epoch = h("span", { class: "muted" });
  const time = h("div", { class: "time" }, epoch, h("label", {}, follow, "follow training"));
  const refused = h("p", { class: "refused", role: "alert" });
  const waiting = h("p", { class: "muted" }, "The server is computing it.");
  const summary = h("p", { class: "summary-line" });
  const body = h("div", { class: "view" });
  const head = h("div", { class: "controls" }, controls, time);
  const all = h("div", {}, menu, words, head, refused, waiting, summary, body);
  const element = h("div", { class: "understand" }, h("h2", { class: "unseen" }, "Understand"), without.element, all);

  const ask = asking(actions);
  let drawnMenu = "";
  let drawnControls = "";
  /** @type {View | undefined} */
  let drawn;
  /** @type {string | null} */
  let drawnView = null;

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { model, viewing, views } = state;
      without.update(model === null);
      all.hidden = model === null;
      if (model === null) return;
      ask(state);
      const overview = /** @type {Overview | undefined} */ (views.overview?.data);
      if (overview === undefined) return;
      const cards = overview.views;
      const card = openCard(cards, viewing.view);
      const menuOf = JSON.stringify([cards, card.view]);
      if (menuOf !== drawnMenu) {
        replaceIn(menu, ...cards.map((each) => entry(each, each === card, actions)));
        write(words, card.words);
        drawnMenu = menuOf;
      }
      const found = views[card.view];
      const wanted = controlsOf(card.view, overview, viewing.options[card.view] ?? {}, viewOf(found));
      const controlsNow = JSON.stringify([card.view, wanted]);
      if (controlsNow !== drawnControls) {
        replaceIn(controls, ...wanted.map((control) => choose(card.view, control, actions)));
        drawnControls = controlsNow;
      }
      follow.checked = viewing.follows;
      write(
        refused,
        card.unavailable === null ? (state.refused.understand ?? "") : `Not for this model: ${card.unavailable}`,
      );
      refused.hidden = refused.textContent === "";
      const isShown = card.unavailable === null && found !== undefined;
      body.hidden = summary.hidden = time.hidden = !isShown;
      waiting.hidden = isShown || !state.busy.understand;
      put(body, "aria-busy", String(state.busy.understand ?? false));
      if (!isShown || (found === drawn && drawnView === card.view)) return;
      const data = /** @type {ViewData} */ (found.data);
      write(epoch, `epoch ${count(data.epoch)}`);
      const sentence = "words" in data && typeof data.words === "string" ? data.words : "";
      put(summary, "aria-live", state.status.state === "training" ? "off" : "polite");
      write(summary, sentence);
      if (PICTURES.includes(card.view)) body.after(summary);
      else body.before(summary);
      replaceIn(body, DRAWN[card.view](data, actions));
      put(body, "data-view", card.view);
      [drawn, drawnView] = [found, card.view];
    },
  };
}

/**
 * The view that the reader opened, or the first that there is.
 * @param {ViewCard[]} cards
 * @param {string | null} wanted
 */
function openCard(cards, wanted) {
  return cards.find(({ view }) => view === wanted) ?? cards.find(({ unavailable }) => unavailable === null) ?? cards[0];
}

/** @param {View | undefined} view */
const viewOf = (view) => /** @type {ViewData | undefined} */ (view?.data);

/**
 * @param {ViewCard} card
 * @param {boolean} isOpen
 * @param {LiveActions} actions
 */
function entry({ view, title, unavailable }, isOpen, actions) {
  return h(
    "button",
    {
      type: "button",
      "data-key": view,
      class: unavailable === null ? null : "unavailable",
      "aria-current": isOpen ? "true" : null,
      click: () => actions.openView(view),
    },
    title,
  );
}

/**
 * Ask for what is to be seen, when it has changed: the overview of a new network, and the open view of a new moment. One
 * question at a time; while training goes on, with rests between them.
 * @param {LiveActions} actions
 */
function asking(actions) {
  /** @type {LiveState["model"]} */
  let model = null;
  let isAsking = false;
  let notBefore = 0;
  /** @type {Record<string, string>} What each view was asked for. */
  let asked = {};
  let moment = "";

  /** @param {LiveState} state */
  return function ask(state) {
    if (state.model !== model) [model, asked] = [state.model, {}];
    const isTraining = state.status.state === "training";
    if (isAsking || state.link !== "open" || (isTraining && performance.now() < notBefore)) return;
    if (!isTraining || state.viewing.follows) {
      const { status, edits } = state;
      const shown = state.moment?.frame;
      moment = JSON.stringify([shown?.epoch, shown?.step, state.follows && [status.epoch, status.step], edits]);
    }
    const cards = /** @type {Overview | undefined} */ (state.views.overview?.data)?.views ?? [];
    const card = cards.length > 0 ? openCard(cards, state.viewing.view) : undefined;
    const view = card?.view ?? "";
    const chosen = state.viewing.options[view] ?? {};
    const row = WITH_ROW.includes(view) ? state.row?.index : null;
    const isWhole = !(isTraining && WHEN_PAUSED.includes(view));
    const wanted = [
      { view: "overview", options: {}, of: String(state.status.epoch > 0) },
      ...(card === undefined || card.unavailable !== null
        ? []
        : [{ view, options: chosen, of: JSON.stringify([chosen, moment, row, isWhole]) }]),
    ].find((each) => asked[each.view] !== each.of);
    if (wanted === undefined) return;
    asked[wanted.view] = wanted.of;
    isAsking = true;
    const began = performance.now();
    actions.showView(wanted.view, wanted.options).finally(() => {
      isAsking = false;
      notBefore = performance.now() + Math.max(REST, SHARE * (performance.now() - began));
    });
  };
}
