/** A row on its way through the network, step by step: inputs, forward, cost, backward, update. */

import { stepsOf } from "#page/actions.js";
import {
  activation,
  arrived,
  errorSignal,
  line,
  weightButton,
  weightedSum,
  whatStep,
} from "#page/components/arithmetic.js";
import { column } from "#page/components/encoding.js";
import { link } from "#page/components/links.js";
import { table } from "#page/components/table.js";
import { h } from "#page/dom.js";
import { inLetters, inNumbers, sign } from "#page/formulas.js";
import { connectionName } from "#page/moments.js";
import { count, data } from "#page/numbers.js";
import { isCombined, step } from "#page/working.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen } from "#page/recording.js"
 */

const LARGEST = 12;

/**
 * @param {Chosen} state
 * @param {Moment} moment
 * @param {Choosing} actions
 */
export function walk(state, moment, actions) {
  const steps = stepsOf(moment.picture);
  const { kind, layer } = steps[state.step];
  const body = { inputs, forward, cost, backward, update }[kind](moment, layer, actions);
  return h(
    "div",
    { class: "card" },
    h(
      "div",
      { class: "step" },
      h(
        "button",
        { type: "button", "data-key": "back", disabled: state.step === 0, click: () => actions.goTo(state.step - 1) },
        "‹ Back",
      ),
      h("h3", {}, `${state.step + 1} of ${steps.length}: ${title(moment, kind, layer)}`),
      h(
        "button",
        {
          type: "button",
          "data-key": "next",
          disabled: state.step === steps.length - 1,
          click: () => actions.goTo(state.step + 1),
        },
        "Next ›",
      ),
    ),
    ...body,
  );
}

/**
 * @param {Moment} moment
 * @param {string} kind
 * @param {number} layer
 */
function title(moment, kind, layer) {
  const where = layer === moment.picture.layers.length ? "outputs" : `hidden layer ${layer}`;
  return (
    { inputs: "inputs", forward: `forward, ${where}`, cost: "cost", backward: `backward, ${where}`, update: "update" }[
      kind
    ] ?? ""
  );
}

/** @param {Moment} moment */
function inputs(moment) {
  const { columns, n_columns } = moment.row;
  const rest = n_columns - columns.length;
  return [
    h("p", {}, "The values of the row become the activations of the inputs."),
    ...columns.map(column),
    ...(rest > 0 ? [h("p", { class: "muted" }, `${count(rest)} more columns`)] : []),
  ];
}

/**
 * @param {Moment} moment
 * @param {number} l
 * @param {Choosing} actions
 */
function forward(moment, l, actions) {
  return [
    h(
      "p",
      {},
      "Every neuron adds up its weights times the incoming activations and its bias, and applies its activation function.",
    ),
    ...moment.picture.scene.layers[l].drawn.map((j) =>
      h(
        "section",
        { class: "neuron" },
        heading(moment, l, j, actions),
        weightedSum(moment, l, j, actions),
        ...activation(moment, l, j),
      ),
    ),
    ...more(moment, l),
  ];
}

/**
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @param {Choosing} actions
 */
function heading(moment, l, j, actions) {
  return h(
    "h4",
    {},
    link(moment.picture.names[l][j], () => actions.openNeuron(l, j), `neuron-${j}`),
  );
}

/**
 * @param {Moment} moment
 * @param {number} l
 */
function more(moment, l) {
  const { size, drawn } = moment.picture.scene.layers[l];
  return size > drawn.length
    ? [h("p", { class: "muted" }, `${count(size - drawn.length)} more neurons, not drawn one by one`)]
    : [];
}

/** @param {Moment} moment */
function cost(moment) {
  const { cost: entry, scene, names, layers } = moment.picture;
  const L = layers.length;
  return [
    h("p", {}, `The cost (${entry.name}) compares the outputs o with the targets t.`),
    ...scene.layers[L].drawn.map((j) => {
      const values = { ...entry.parameters, o: moment.a(L, j), t: moment.row.Y[j] };
      return h(
        "section",
        { class: "neuron" },
        h("h4", {}, names[L][j]),
        line(inLetters(entry.loss), inNumbers(entry.loss, values), data(moment.loss(j), "loss")),
      );
    }),
    ...more(moment, L),
    line(sign("E"), data(moment.cost, "cost")),
  ];
}

/**
 * @param {Moment} moment
 * @param {number} l
 * @param {Choosing} actions
 */
function backward(moment, l, actions) {
  return [
    h(
      "p",
      {},
      l === moment.picture.layers.length
        ? "The error of each output."
        : "The error goes back through the same connections.",
    ),
    ...moment.picture.scene.layers[l].drawn.map((j) =>
      h(
        "section",
        { class: "neuron" },
        heading(moment, l, j, actions),
        ...(isCombined(moment, l) ? [] : arrived(moment, l, j, actions)),
        ...errorSignal(moment, l, j),
      ),
    ),
    ...more(moment, l),
  ];
}

/**
 * The drawn connections with the largest gradients.
 * @param {Moment} moment
 * @param {number} _
 * @param {Choosing} actions
 */
function update(moment, _, actions) {
  const { scene } = moment.picture;
  const rows = scene.connections
    .map((connection) => ({ connection, ...step(moment, connection) }))
    .sort((one, other) => Math.abs(other.gradient) - Math.abs(one.gradient))
    .slice(0, LARGEST)
    .map(({ connection: { layer, j, k }, gradient, after }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, connectionName(moment.picture, { layer, j, k })),
        h("td", {}, weightButton(moment, layer, j, k, actions)),
        h("td", {}, data(gradient)),
        h("td", {}, data(after)),
      ),
    );
  return [
    h(
      "p",
      {},
      `Each weight moves against its gradient, at the learning rate η = `,
      data(moment.frame.learning_rate, "eta"),
      ".",
    ),
    table(["connection", "old", "gradient", "new"], rows),
    ...(rows.length < scene.connections.length
      ? [h("p", { class: "muted" }, "The largest gradients of the drawn connections.")]
      : []),
    h("p", { class: "muted" }, whatStep(moment)),
  ];
}
