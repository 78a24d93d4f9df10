/** The cards beside the network: the chosen row, its steps, a neuron, a connection. */

import { details } from "#page/components/details.js";
import { neuronChooser } from "#page/components/neuron-chooser.js";
import { neuronData } from "#page/components/neuron-data.js";
import { rowChooser } from "#page/components/row-chooser.js";
import { weightCurve } from "#page/components/weight-curve.js";
import { weightField } from "#page/components/weight-field.js";
import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} actions */
export function cardsPanel(actions) {
  /** @type {LiveState["reel"] | null} */
  let reel = null;
  const weights = weightCurve(
    (connection) =>
      (reel?.kept ?? [])
        .filter((moment) => moment.knows(connection.layer, connection.j))
        .map((moment) => ({ epoch: moment.frame.epoch, weight: moment.weight(connection) })),
    () => reel,
  );
  const rows = rowChooser(actions);
  const cards = details(actions, {
    neuron: { above: [neuronChooser(actions)], below: [neuronData(actions)] },
    connection: { above: [weightField(actions)], below: [weights] },
  });
  const element = h("div", { class: "cards" }, rows.element, cards.element);

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { model, moment } = state;
      element.hidden = model === null || moment === null;
      if (model === null || moment === null) return;
      reel = state.reel;
      rows.update(state, moment);
      cards.update(state, moment);
    },
  };
}
