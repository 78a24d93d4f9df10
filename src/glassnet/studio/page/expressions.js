/** The value of a formula that came as a tree. Nothing is run: the operations are those of this table. */

/** @import { Tree } from "#page/recording.js" */

/** @param {number} x */
const sigmoid = (x) => {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
};

/** @type {Record<string, (...operands: number[]) => number>} */
const OPERATIONS = {
  add: (...terms) => terms.reduce((total, term) => total + term),
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  power: (x, y) => x ** y,
  negative: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  expm1: Math.expm1,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: Math.sign,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  atan: Math.atan,
  sigmoid,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  xlogy: (x, y) => (x === 0 ? 0 : x * Math.log(y)),
  max: Math.max,
  min: Math.min,
  clip: (x, low, high) => Math.min(Math.max(x, low), high),
  where: (holds, x, y) => (holds ? x : y),
  less: (x, y) => Number(x < y),
  less_equal: (x, y) => Number(x <= y),
  greater: (x, y) => Number(x > y),
  greater_equal: (x, y) => Number(x >= y),
};

/**
 * @param {Tree} tree
 * @param {Record<string, number>} values The number of each letter.
 * @returns {number}
 */
export function evaluate(tree, values) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") {
    if (!Object.hasOwn(values, tree)) throw new Error(`the letter ${tree} has no value`);
    return values[tree];
  }
  if (tree === null) throw new Error("this formula is not the arithmetic of one neuron");
  const [name, ...operands] = tree;
  if (!Object.hasOwn(OPERATIONS, name)) throw new Error(`there is no operation ${name}`);
  return OPERATIONS[name](...operands.map((operand) => evaluate(operand, values)));
}
