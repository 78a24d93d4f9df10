/** The tabs beside the network: the steps of the row, a neuron, a connection. */

import { connectionCard } from "#page/components/connection-card.js";
import { neuronCard } from "#page/components/neuron-card.js";
import { tabs } from "#page/components/tabs.js";
import { walk } from "#page/components/walk.js";
import { h, put } from "#page/dom.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen, Tab } from "#page/recording.js"
 */

/**
 * What stands above and below the card of a tab and is kept while the card is drawn anew, such as a field.
 * @template {Chosen} S
 * @typedef {{ element: HTMLElement, update(state: S, moment: Moment): void }} Part
 */

/**
 * @template {Chosen} S
 * @typedef {Partial<Record<Tab, { above?: Part<S>[], below?: Part<S>[] }>>} Parts
 */

/** @type {[Tab, string][]} */
const TABS = [
  ["steps", "Step through"],
  ["neuron", "Neuron"],
  ["connection", "Connection"],
];

const CARDS = { steps: walk, neuron: neuronCard, connection: connectionCard };

const PAUSE = 120; // milliseconds between two drawings of the same card

/**
 * @template {Chosen} S
 * @param {Choosing} actions
 * @param {Parts<S>} parts
 */
export function details(actions, parts) {
  const choice = tabs(
    TABS.map(([name, title]) => ({ name, title, id: `tab-${name}`, panel: "card" })),
    "arithmetic",
    actions.open,
  );
  const body = h("div");
  const panel = h("div", { id: "card", role: "tabpanel", tabindex: 0 });
  const element = h("section", { class: "panel details", "aria-label": "arithmetic" }, choice.element, panel);

  /** @type {Tab | null} */
  let shownTab = null;
  let shownPlace = "";
  let drawnAt = 0;
  let timer = 0;

  /**
   * What is chosen is drawn at once. While only time goes by, cards are drawn a few times a second: nobody reads faster,
   * and the network moves without a stutter.
   * @param {S} state
   * @param {Moment} moment
   */
  function update(state, moment) {
    const { above = [], below = [] } = parts[state.tab] ?? {};
    if (state.tab !== shownTab) {
      choice.update(state.tab);
      put(panel, "aria-labelledby", `tab-${state.tab}`);
      panel.replaceChildren(...above.map(({ element }) => element), body, ...below.map(({ element }) => element));
      shownTab = state.tab;
    }
    const place = JSON.stringify([state.tab, state.step, state.neuron, state.connection, moment.row.index]);
    const wait = place === shownPlace ? drawnAt + PAUSE - performance.now() : 0;
    clearTimeout(timer);
    if (wait > 0) {
      put(panel, "aria-busy", "true");
      timer = window.setTimeout(() => draw(state, moment, place), wait);
    } else {
      draw(state, moment, place);
    }
  }

  /**
   * @param {S} state
   * @param {Moment} moment
   * @param {string} place
   */
  function draw(state, moment, place) {
    const card = CARDS[state.tab](state, moment, actions);
    const focused =
      document.activeElement instanceof HTMLElement && body.contains(document.activeElement)
        ? document.activeElement
        : null;
    const key = focused?.dataset.key;
    body.replaceChildren(card);
    const { above = [], below = [] } = parts[state.tab] ?? {};
    for (const part of [...above, ...below]) part.update(state, moment);
    put(panel, "aria-busy", "false");
    if (place !== shownPlace) panel.scrollTop = 0;
    if (focused !== null) focusAgain(key);
    shownPlace = place;
    drawnAt = performance.now();
  }

  /**
   * A card is drawn anew, and the keyboard stays where it was: on the same button, or on the card if that has gone.
   * @param {string | undefined} key
   */
  function focusAgain(key) {
    const again = [...body.querySelectorAll("button")].find((button) => button.dataset.key === key && !button.disabled);
    (again ?? panel).focus({ preventScroll: true });
  }

  return { element, update };
}
