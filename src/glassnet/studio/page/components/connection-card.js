/** One connection: what it carries, the chain rule of its gradient, and the step that follows. */

import { chart } from "#page/components/chart.js";
import { line, neuronName, phrase, whatStep } from "#page/components/arithmetic.js";
import { h, s } from "#page/dom.js";
import { factor, inLetters, inNumbers, m, numeral, partial, sign } from "#page/formulas.js";
import { data } from "#page/numbers.js";
import { derivative, step } from "#page/working.js";

/**
 * @import { Actions } from "#page/actions.js"
 * @import { Numbers, Moment } from "#page/frames.js"
 * @import { Connection, State } from "#page/recording.js"
 */

/**
 * @param {Numbers} numbers
 * @param {Actions} actions
 */
export function connectionCard(numbers, actions) {
  const { names, frames, scene, layers } = numbers.recording;
  /** @type {{ key: string, drawing: ReturnType<typeof chart>, now: SVGLineElement } | null} */
  let curve = null;

  /** The weight in every frame, drawn once for each connection. @param {Connection} connection */
  function weightOverTime(connection) {
    const key = `${connection.layer}.${connection.j}.${connection.k}`;
    if (curve?.key === key) return curve;
    const points = frames.map(({ epoch }, frame) => ({ x: epoch, y: numbers.at(frame, 0).weight(connection) }));
    const last = Math.max(frames[frames.length - 1].epoch, 1);
    const series = [{ name: "this weight", kind: "training", points }];
    const drawing = chart(series, { width: 460, height: 110, label: "epoch", last, isSigned: true });
    const now = s("line", { class: "now", y1: drawing.top, y2: drawing.bottom });
    drawing.element.append(now);
    curve = { key, drawing, now };
    return curve;
  }

  /**
   * @param {State} state
   * @param {Moment} moment
   */
  return (state, moment) => {
    const { layer, j, k } = state.connection;
    const weight = moment.weight(state.connection);
    const { gradient, incoming, lines } = step(moment, state.connection);
    const { drawing, now } = weightOverTime(state.connection);
    const x = drawing.x(moment.frame.epoch).toFixed(1);
    now.setAttribute("x1", x);
    now.setAttribute("x2", x);
    const source = k === null ? "bias" : names[layer - 1][k];
    const isDrawn = k !== null && scene.layers[layer - 1].drawn.includes(k);
    const factors = derivative(moment, layer, j);
    const letter = k === null ? "b" : "w";
    const dE_dw = partial("E", letter);
    return h(
      "div",
      { class: "card" },
      h("h3", {}, `${source} → ${names[layer][j]}`),
      h(
        "p",
        { class: "muted" },
        "from ",
        neuronName(source, isDrawn, () => actions.openNeuron(layer - 1, k ?? 0), "source"),
        ` into `,
        neuronName(names[layer][j], true, () => actions.openNeuron(layer, j), "target"),
      ),
      line(sign(letter), data(weight, "weight")),
      drawing.element,
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
      h("h4", {}, `Update by ${numbers.recording.solver.name}`),
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
  };
}
