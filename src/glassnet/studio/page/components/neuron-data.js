/** A neuron over the data: how its activations are distributed, the rows that excite it most, its mean blame. */

import { question } from "#page/asking.js";
import { histogram } from "#page/components/histogram.js";
import { rowLink } from "#page/components/links.js";
import { table } from "#page/components/table.js";
import { refusal } from "#page/components/told.js";
import { h, replaceIn } from "#page/dom.js";
import { count, data, number } from "#page/numbers.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { LiveState } from "#page/live.js"
 * @import { NeuronCard } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 */

/** @param {LiveActions} actions */
export function neuronData(actions) {
  const trouble = refusal();
  const place = h("div");
  const element = h("section", { class: "neuron-data", "aria-labelledby": "over-data" }, trouble.element, place);
  /** @type {NeuronCard | null} */
  let shown = null;
  let marked = NaN;
  const ask = question();

  return {
    element,
    /**
     * @param {LiveState} state
     * @param {Moment} moment
     */
    update(state, moment) {
      const { neuron, neuronCard, refused } = state;
      element.hidden = neuron.layer === 0;
      if (element.hidden) return;
      void ask(state, `${neuron.layer}.${neuron.index}`, () => actions.showNeuron(neuron.layer, neuron.index));
      trouble.update(refused.neuron);
      const isOpen = neuronCard?.layer === neuron.layer && neuronCard.index === neuron.index;
      const card = isOpen ? neuronCard : null;
      const a = moment.a(neuron.layer, neuron.index);
      if (card !== null && card === shown && a === marked) return;
      shown = card;
      marked = a;
      if (card === null) {
        place.replaceChildren();
        return;
      }
      replaceIn(
        place,
        h("h4", { id: "over-data" }, `Over ${count(card.n_rows)} rows`),
        h("p", {}, card.words),
        histogram({
          edges: card.edges,
          counts: card.counts,
          label: "activation",
          words: `activations: ${card.words}; this row has ${number(a)}`,
          mark: { at: a, words: "this row" },
        }),
        card.blame === null ? "" : h("p", {}, "mean size of its error signal: ", data(card.blame, "blame")),
        h("h4", {}, "Rows that excite it most"),
        table(
          ["row", "activation", "target"],
          card.rows.map(([row, a, target]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, rowLink(row, actions)),
              h("td", {}, data(a)),
              h("td", { class: "words" }, target),
            ),
          ),
        ),
      );
    },
  };
}
