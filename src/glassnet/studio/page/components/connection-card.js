/** One connection: what it carries, the chain rule of its gradient, and the step that follows. */

import { line, phrase, whatStep } from "#page/components/arithmetic.js";
import { link } from "#page/components/links.js";
import { h } from "#page/dom.js";
import { factor, inLetters, inNumbers, m, numeral, partial, sign } from "#page/formulas.js";
import { connectionName } from "#page/moments.js";
import { data } from "#page/numbers.js";
import { derivative, step } from "#page/working.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen } from "#page/recording.js"
 */

/**
 * @param {Chosen} state
 * @param {Moment} moment
 * @param {Choosing} actions
 */
export function connectionCard(state, moment, actions) {
  const { names, layers, solver } = moment.picture;
  const { layer, j, k } = state.connection;
  const source = k === null ? "bias" : names[layer - 1][k];
  const title = h("h3", {}, connectionName(moment.picture, state.connection));
  const ends = h(
    "p",
    { class: "muted" },
    "from ",
    k === null ? source : link(source, () => actions.openNeuron(layer - 1, k), "source"),
    " into ",
    link(names[layer][j], () => actions.openNeuron(layer, j), "target"),
  );
  if (!moment.knows(layer, j)) {
    return h(
      "div",
      { class: "card" },
      title,
      ends,
      h("p", {}, "Open the neuron that it leads into to see its weights."),
    );
  }
  const weight = moment.weight(state.connection);
  const { gradient, incoming, lines } = step(moment, state.connection);
  const factors = derivative(moment, layer, j);
  const letter = k === null ? "b" : "w";
  const dE_dw = partial("E", letter);
  return h(
    "div",
    { class: "card" },
    title,
    ends,
    line(sign(letter), data(weight, "weight")),
    h("h4", {}, "Chain rule"),
    factors === null
      ? line(
          dE_dw,
          phrase("δ · ", partial("z", letter)),
          m("math", numeral(moment.delta(layer, j)), m("mo", "·"), factor(incoming)),
          data(gradient, "gradient"),
        )
      : line(
          dE_dw,
          phrase(partial("E", "a"), " · ", partial("a", "z"), " · ", partial("z", letter)),
          m(
            "math",
            numeral(moment.dE_da(layer, j)),
            m("mo", "·"),
            factor(factors.da_dz),
            m("mo", "·"),
            factor(incoming),
          ),
          data(gradient, "gradient"),
        ),
    line(phrase("with δ"), data(moment.delta(layer, j), "delta")),
    line(partial("z", letter), k === null ? null : phrase(`activation of ${source}`), data(incoming, "incoming")),
    h("h4", {}, `Update by ${solver.name}`),
    ...lines.map(({ rule, values, value }) =>
      line(
        rule.letter === "new" ? phrase(`new ${letter}`) : sign(rule.letter),
        inLetters(rule),
        inNumbers(rule, values),
        data(value, rule.letter),
      ),
    ),
    h("p", { class: "muted" }, whatStep(moment, layers[layer - 1].rates[k === null ? "b" : "W"])),
  );
}
