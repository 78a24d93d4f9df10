/** Lines of arithmetic that several cards share: a sum as a table, a formula in letters, in numbers, and its value. */

import { link } from "#page/components/links.js";
import { table } from "#page/components/table.js";
import { h } from "#page/dom.js";
import { factor, inLetters, inNumbers, numeral, partial, m, sign } from "#page/formulas.js";
import { connectionName } from "#page/moments.js";
import { count, data, number } from "#page/numbers.js";
import { derivative, incoming, isCombined, letters, onward } from "#page/working.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Child } from "#page/dom.js"
 * @import { Moment } from "#page/moments.js"
 */

const TERMS = 8;

/**
 * Equal members, which may break into lines between them. A member that the next one repeats is left out.
 * @param {...Child} members
 */
export function line(...members) {
  const all = members.filter((member) => member instanceof Node);
  const words = all.map((member) => member.textContent);
  const kept = all.filter((_, place) => place === 0 || words[place] !== words[place + 1]);
  return h("p", { class: "line" }, ...kept.flatMap((member, place) => (place === 0 ? [member] : [" = ", member])));
}

/** @param {...Child} children */
export function phrase(...children) {
  return h("span", { class: "phrase" }, ...children);
}

/**
 * The weighted sum z of a neuron: its largest terms, the rest in one, the bias, the total.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @param {Choosing} actions
 */
export function weightedSum(moment, l, j, actions) {
  const { names, layers } = moment.picture;
  const terms = incoming(moment, l, j);
  const shown = terms.length > TERMS + 1 ? terms.slice(0, TERMS) : terms;
  const rest = terms.slice(shown.length).reduce((total, term) => total + term.product, 0);
  const body = shown.map((term) =>
    h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        link(names[l - 1][term.index], () => actions.openNeuron(l - 1, term.index), `from-${l - 1}.${term.index}`),
      ),
      h("td", {}, weightButton(moment, l, j, term.index, actions)),
      h("td", {}, data(term.value)),
      h("td", {}, data(term.product)),
    ),
  );
  if (shown.length < terms.length) {
    body.push(
      h(
        "tr",
        {},
        h("th", { scope: "row", colspan: 3 }, `${count(terms.length - shown.length)} more`),
        h("td", {}, data(rest)),
      ),
    );
  }
  if (layers[l - 1].has_bias) {
    body.push(
      h(
        "tr",
        {},
        h("th", { scope: "row" }, "bias"),
        h("td", {}, weightButton(moment, l, j, null, actions)),
        h("td", {}, "1"),
        h("td", {}, data(moment.weight({ layer: l, j, k: null }))),
      ),
    );
  }
  body.push(
    h(
      "tr",
      { class: "total" },
      h("th", { scope: "row", colspan: 3 }, "sum ", sign("z")),
      h("td", {}, data(moment.z(l, j), "z")),
    ),
  );
  return table(["from", "weight", "activation", "product"], body);
}

/**
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @param {number | null} k
 * @param {Choosing} actions
 */
export function weightButton(moment, l, j, k, actions) {
  const connection = { layer: l, j, k };
  const weight = moment.weight(connection);
  return h(
    "button",
    {
      type: "button",
      class: "link number",
      title: `open the connection ${connectionName(moment.picture, connection)}`,
      "data-key": `weight-${l}.${j}.${k}`,
      click: () => actions.openConnection(connection),
    },
    number(weight),
  );
}

/**
 * `a = formula = with numbers = value`; with a slope, first f and then a.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 */
export function activation(moment, l, j) {
  const { function: formula, mixes } = moment.picture.layers[l - 1];
  const values = letters(moment, l, j);
  const a = moment.a(l, j);
  const known = !mixes || values.s !== undefined;
  const meanings = mixes ? [softmaxMeanings(values)] : [];
  if (values.slope === undefined) {
    return [line(sign("a"), inLetters(formula), known && inNumbers(formula, values), data(a, "a")), ...meanings];
  }
  return [
    line(
      sign("f"),
      inLetters(formula),
      known && inNumbers(formula, values),
      values.f === undefined ? null : data(values.f, "f"),
    ),
    values.f === undefined
      ? line(sign("a"), data(a, "a"))
      : line(
          sign("a"),
          phrase("slope · f + (1 − slope) · z"),
          phrase(
            `${number(values.slope)} · ${bracketed(values.f)} + (1 − ${bracketed(values.slope)}) · ${bracketed(values.z)}`,
          ),
          data(a, "a"),
        ),
    ...meanings,
  ];
}

/** @param {Record<string, number>} values */
function softmaxMeanings({ m: largest, s: total }) {
  /** @param {number | undefined} value */
  const told = (value) => (value === undefined ? "" : ` (${number(value)})`);
  return h(
    "p",
    { class: "muted" },
    `m is the largest z of the layer${told(largest)}, s the sum of all exp(z − m)${told(total)}`,
  );
}

/** @param {number} value */
function bracketed(value) {
  return value < 0 ? `(${number(value)})` : number(value);
}

/**
 * What arrives at a neuron from behind, ∂E/∂a: the derivative of the cost, or the sum over its outgoing connections.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @param {Choosing} actions
 * @returns {Child[]}
 */
export function arrived(moment, l, j, actions) {
  const { cost, layers, names, scene } = moment.picture;
  const dE_da = partial("E", "a");
  if (l === layers.length) {
    const values = { ...cost.parameters, o: moment.a(l, j), t: moment.row.Y[j] };
    return [
      line(dE_da, inLetters(cost.derivative), inNumbers(cost.derivative, values), data(moment.dE_da(l, j), "dE_da")),
    ];
  }
  const terms = onward(moment, l, j);
  const shown = terms.slice(0, TERMS);
  const others = scene.layers[l + 1].size - shown.length;
  const rows = shown.map((term) =>
    h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        link(names[l + 1][term.index], () => actions.openNeuron(l + 1, term.index), `to-${term.index}`),
      ),
      h("td", {}, weightButton(moment, l + 1, term.index, j, actions)),
      h("td", {}, data(term.value)),
      h("td", {}, data(term.product)),
    ),
  );
  if (moment.knows(l, j)) {
    const total = moment.dE_da(l, j);
    const rest = total - shown.reduce((sum, term) => sum + term.product, 0);
    if (others > 0)
      rows.push(h("tr", {}, h("th", { scope: "row", colspan: 3 }, `${count(others)} more`), h("td", {}, data(rest))));
    rows.push(
      h(
        "tr",
        { class: "total" },
        h("th", { scope: "row", colspan: 3 }, "sum ", partial("E", "a")),
        h("td", {}, data(total, "dE_da")),
      ),
    );
  }
  return [table(["to", "weight", "its δ", "product"], rows)];
}

/**
 * The error signal δ = ∂E/∂z of a neuron.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @returns {Child[]}
 */
export function errorSignal(moment, l, j) {
  const { cost, layers } = moment.picture;
  const { derivative: formula, mixes } = layers[l - 1];
  const delta = moment.delta(l, j);
  const head = phrase("δ = ", partial("E", "z"));
  if (isCombined(moment, l) && cost.combined !== null) {
    const values = { o: moment.a(l, j), t: moment.row.Y[j] };
    return [line(head, inLetters(cost.combined), inNumbers(cost.combined, values), data(delta, "delta"))];
  }
  if (mixes) return [line(head, inLetters(formula), data(delta, "delta"))];
  const found = derivative(moment, l, j);
  if (found === null) return [];
  const { values, df_dz, da_dz } = found;
  const slope = moment.slope(l, j);
  const own = slope === null ? partial("a", "z") : partial("f", "z");
  /** @type {Child[]} */
  const lines = [
    line(own, inLetters(formula), inNumbers(formula, values), data(df_dz, slope === null ? "da_dz" : "df_dz")),
  ];
  if (slope !== null) {
    lines.push(
      line(
        partial("a", "z"),
        phrase("slope · ", partial("f", "z"), " + 1 − slope"),
        phrase(`${number(slope)} · ${bracketed(df_dz)} + 1 − ${bracketed(slope)}`),
        data(da_dz, "da_dz"),
      ),
    );
  }
  lines.push(
    line(
      head,
      phrase(partial("E", "a"), " · ", partial("a", "z")),
      m("math", numeral(moment.dE_da(l, j)), m("mo", "·"), factor(da_dz)),
      data(delta, "delta"),
    ),
  );
  return lines;
}

/**
 * @param {Moment} moment
 * @param {number} rate
 */
export function whatStep(moment, rate = 1) {
  const { name, rules } = moment.picture.solver;
  if (rate === 0) return "This parameter is frozen: its learning rate is 0.";
  const start = rules.length > 1 ? ` from an empty memory, as in the first step of ${name}` : "";
  return `The step of ${name} on this row alone${start}. The training itself took the mean over the rows of each batch.`;
}
