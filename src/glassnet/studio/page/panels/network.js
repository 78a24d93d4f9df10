/** The network in the middle of the live page, with its player. */

import { diagram } from "#page/components/diagram.js";
import { legend } from "#page/components/legend.js";
import { livePlayer } from "#page/components/live-player.js";
import { h } from "#page/dom.js";

/**
 * @import { LiveState, Model } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} actions */
export function networkPanel(actions) {
  const place = h("section", { class: "panel network", "aria-label": "network" });
  const player = livePlayer(actions);
  const element = h("div", { class: "middle" }, place, player.element);
  /** @type {Model | null | undefined} */
  let shown;
  /** @type {{ update(state: LiveState, moment: NonNullable<LiveState["moment"]>): void }[]} */
  let parts = [];

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { model, moment } = state;
      if (model !== shown) {
        shown = model;
        parts = [];
        if (model === null) {
          place.replaceChildren(h("p", { class: "muted hint" }, "Here is the network, when there are data for it."));
        } else {
          const [picture, meaning] = [diagram(model.record, actions), legend(model.record, actions)];
          parts = [picture, meaning];
          place.replaceChildren(picture.element, meaning.element);
        }
      }
      player.update(state);
      if (moment !== null) for (const part of parts) part.update(state, moment);
    },
  };
}
