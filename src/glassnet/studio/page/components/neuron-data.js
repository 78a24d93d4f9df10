/** A neuron over the data: how its activations are distributed, the rows that excite it most, its mean blame. */

import { question } from "#page/asking.js";
import { table } from "#page/components/arithmetic.js";
import { refusal } from "#page/components/told.js";
import { h, s } from "#page/dom.js";
import { data, number, short } from "#page/numbers.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { LiveState } from "#page/live.js"
 * @import { NeuronCard } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 */

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [460, 120, 52, 22, 8];

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
      place.replaceChildren(
        h("h4", { id: "over-data" }, `Over ${card.n_rows.toLocaleString("en")} rows`),
        h("p", {}, card.words),
        histogram(card, a),
        card.blame === null ? h("p") : h("p", {}, "mean size of its error signal: ", data(card.blame, "blame")),
        h("h4", {}, "Rows that excite it most"),
        table(
          ["row", "activation", "target"],
          card.rows.map(([row, a, target]) =>
            h(
              "tr",
              {},
              h(
                "th",
                { scope: "row" },
                h(
                  "button",
                  { type: "button", class: "link", "data-key": `row-${row}`, click: () => void actions.look(row) },
                  `row ${row}`,
                ),
              ),
              h("td", {}, data(a)),
              h("td", { class: "words" }, target),
            ),
          ),
        ),
      );
    },
  };
}

/**
 * @param {NeuronCard} card
 * @param {number} now The activation of the chosen row.
 */
function histogram({ edges, counts, words }, now) {
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const most = Math.max(...counts, 1);
  const [bottom, end] = [HEIGHT - BOTTOM, WIDTH - 12];
  const middle = (low + high) / 2;
  /** @param {number} a */
  const x = (a) => LEFT + (high > low ? (a - low) / (high - low) : 0.5) * (end - LEFT);
  /** @param {number} count */
  const y = (count) => bottom - (count / most) * (bottom - TOP);
  return s(
    "svg",
    {
      class: "chart histogram",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `activations from ${number(low)} to ${number(high)}: ${words}; this row has ${number(now)}`,
    },
    ...counts.map((count, place) =>
      s(
        "rect",
        {
          class: "bar",
          x: x(edges[place]).toFixed(1),
          y: y(count).toFixed(1),
          width: Math.max(1, x(edges[place + 1]) - x(edges[place]) - 1).toFixed(1),
          height: (bottom - y(count)).toFixed(1),
        },
        s("title", {}, `${count} rows from ${number(edges[place])} to ${number(edges[place + 1])}`),
      ),
    ),
    s("line", { class: "axis", x1: LEFT, x2: end, y1: bottom, y2: bottom }),
    s("text", { x: LEFT - 6, y: TOP + 8, "text-anchor": "end" }, String(most)),
    s("text", { x: LEFT, y: HEIGHT - 6 }, short(low)),
    s("text", { x: end, y: HEIGHT - 6, "text-anchor": "end" }, short(high)),
    now >= low && now <= high && s("line", { class: "now", x1: x(now), x2: x(now), y1: TOP, y2: bottom }),
    now >= low &&
      now <= high &&
      s(
        "text",
        {
          class: "halo",
          x: x(now) + (now < middle ? 4 : -4),
          y: TOP + 10,
          "text-anchor": now < middle ? "start" : "end",
        },
        "this row",
      ),
  );
}
