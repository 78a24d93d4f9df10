/** The arithmetic of a neuron and of a connection: which numbers meet in which formula. */

import { evaluate } from "#page/expressions.js";

/**
 * @import { Connection } from "#page/recording.js"
 * @import { Moment } from "#page/moments.js"
 */

/**
 * @typedef {{ index: number, weight: number, value: number, product: number }} Term
 */

/**
 * The incoming terms of a neuron, largest product first.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @returns {Term[]}
 */
export function incoming(moment, l, j) {
  const terms = Array.from({ length: moment.picture.sizes[l - 1] }, (_, k) => {
    const [weight, value] = [moment.weight({ layer: l, j, k }), moment.a(l - 1, k)];
    return { index: k, weight, value, product: weight * value };
  });
  return terms.sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
}

/**
 * The terms of ∂E/∂a of a hidden neuron: weight times delta of each drawn neuron that it leads to.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @returns {Term[]}
 */
export function onward(moment, l, j) {
  const terms = moment.picture.scene.layers[l + 1].drawn.map((index) => {
    const [weight, value] = [moment.weight({ layer: l + 1, j: index, k: j }), moment.delta(l + 1, index)];
    return { index, weight, value, product: weight * value };
  });
  return terms.sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
}

/**
 * The letters of a layer's activation at one neuron. With a slope, `f` is the value of the activation function and
 * `a` a mixture; softmax also needs the largest z and the sum of its layer, as far as it is drawn.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @returns {Record<string, number>}
 */
export function letters(moment, l, j) {
  const { function: formula, parameters, mixes } = moment.picture.layers[l - 1];
  const [z, a, slope] = [moment.z(l, j), moment.a(l, j), moment.slope(l, j)];
  /** @type {Record<string, number>} */
  const values = { ...parameters, z, a };
  const { size, drawn } = moment.picture.scene.layers[l];
  if (mixes && size === drawn.length) {
    const all = drawn.map((index) => moment.z(l, index));
    values.m = Math.max(...all);
    values.s = all.reduce((total, each) => total + Math.exp(each - values.m), 0);
    if (slope !== null) values.f = Math.exp(z - values.m) / values.s;
  }
  if (slope !== null) {
    values.slope = slope;
    if (formula.tree !== null) values.f = evaluate(formula.tree, values);
  }
  return values;
}

/**
 * ∂a/∂z, and the derivative of the activation function in it; null for softmax, whose outputs depend on every z.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 */
export function derivative(moment, l, j) {
  const { derivative: formula, mixes } = moment.picture.layers[l - 1];
  if (mixes || isCombined(moment, l)) return null;
  const values = letters(moment, l, j);
  const df_dz = evaluate(formula.tree, values);
  const slope = moment.slope(l, j);
  return { values, df_dz, da_dz: slope === null ? df_dz : slope * df_dz + 1 - slope };
}

/**
 * Whether the error signal of a layer is exactly output - target.
 * @param {Moment} moment
 * @param {number} l
 */
export function isCombined(moment, l) {
  return l === moment.picture.layers.length && moment.picture.cost.combined !== null;
}

/**
 * The gradient of a weight, and the solver's step on this row alone, from the memory before its first step.
 * @param {Moment} moment
 * @param {Connection} connection
 */
export function step(moment, connection) {
  const { layer, j, k } = connection;
  const { rates, decays } = moment.picture.layers[layer - 1];
  const name = k === null ? "b" : "W";
  const incomingValue = k === null ? 1 : moment.a(layer - 1, k);
  const gradient = moment.delta(layer, j) * incomingValue;
  const { rules, memory } = moment.picture.solver;
  /** @type {Record<string, number>} */
  const values = { ...moment.frame.parameters, ...memory };
  if ("weight_decay" in values) values.weight_decay *= decays[name];
  Object.assign(values, {
    old: moment.weight(connection),
    g: rules.length > 1 && rates[name] === 0 ? 0 : gradient, // a frozen weight has no memory
    eta: moment.frame.learning_rate * rates[name],
  });
  const lines = rules.map((rule) => {
    const before = { ...values };
    values[rule.letter] = evaluate(rule.tree, values);
    return { rule, values: before, value: values[rule.letter] };
  });
  return { gradient, incoming: incomingValue, lines, after: values.new };
}
