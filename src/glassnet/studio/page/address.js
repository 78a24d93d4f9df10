/** The state of the live page as the fragment of its address, and back. Nothing in a fragment is trusted. */

import { standing } from "#page/live-state.js";
import { MEASURES } from "#page/measures.js";

/**
 * @import { LiveState, PanelName } from "#page/live.js"
 * @import { Setup } from "#page/messages.js"
 * @import { Chosen, Connection, Tab } from "#page/recording.js"
 */

/**
 * What a link asks for.
 * @typedef {object} Wish
 * @property {{ kind: "example", name: string, expression: string | null } | { kind: "file", title: string }} source
 * @property {string | null} target
 * @property {string[] | null} columns
 * @property {"classification" | "regression" | null} task
 * @property {Record<string, unknown>} setup
 * @property {number} epoch
 * @property {number | null} row Its number in the table.
 * @property {PanelName | null} panel
 * @property {number | null} pace Epochs per second at most.
 * @property {Partial<Chosen>} chosen
 */

const LONGEST = 8000; // signs of a fragment that is read
const MOST = 2 ** 31;

/** @type {PanelName[]} */
const PANELS = ["data", "build", "train", "understand", "what-if", "lessons", "take-away"];
/** @type {("classification" | "regression")[]} */
const TASKS = ["classification", "regression"];
/** @type {Tab[]} */
const TABS = ["steps", "neuron", "connection"];

/**
 * The fragment that leads to what is shown, without its sign; empty if nothing is open.
 * @param {LiveState} state
 */
export function fragmentOf(state) {
  const { source, data, model, moment, panel, tab, step, neuron, connection, measure, deltas } = state;
  const found = new URLSearchParams();
  if (source?.kind === "example") {
    found.set("example", source.name);
    if (source.expression !== null) found.set("expression", source.expression);
  } else {
    const title = source?.title ?? data?.title; // a studio may begin with a file
    if (title === undefined) return "";
    found.set("file", title);
  }
  if (data !== null && data.target !== null && !data.is_fixed) {
    found.set("target", data.target);
    if (data.chosen_task !== null) found.set("task", data.chosen_task);
    const inputs = data.columns.filter(({ role }) => role === "input").map(({ name }) => name);
    const left = data.columns.some(({ role }) => role === "left out");
    if (left && inputs.length <= 40) found.set("columns", JSON.stringify(inputs));
  }
  if (model !== null && model.setup !== null) found.set("setup", JSON.stringify(model.setup));
  const { epoch } = standing(state);
  if (epoch > 0) found.set("epoch", String(epoch));
  if (moment !== null) found.set("row", String(moment.row.index));
  found.set("panel", panel);
  if (state.pace !== null) found.set("pace", String(state.pace));
  if (model !== null) {
    found.set("tab", tab);
    if (tab === "steps") found.set("step", String(step));
    if (tab === "neuron") found.set("neuron", `${neuron.layer}.${neuron.index}`);
    if (tab === "connection") found.set("connection", `${connection.layer}.${connection.j}.${connection.k ?? "bias"}`);
    if (measure !== "layer") found.set("measure", measure);
    if (deltas) found.set("deltas", "yes");
  }
  return found.toString();
}

/**
 * What a fragment asks for; null if it names nothing to open.
 * @param {string} fragment With or without its sign.
 * @returns {Wish | null}
 */
export function wishOf(fragment) {
  if (fragment.length > LONGEST) return null;
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const [example, file] = [given.get("example"), given.get("file")];
  if (!example && !file) return null;
  /** @type {Partial<Chosen>} */
  const chosen = {};
  const tab = oneOf(given.get("tab"), TABS);
  if (tab !== null) chosen.tab = tab;
  const step = wholeIn(given.get("step"));
  if (step !== null) chosen.step = step;
  const [layer, index] = wholesIn(given.get("neuron"), 2);
  if (layer !== undefined) chosen.neuron = { layer, index };
  const connection = connectionIn(given.get("connection"));
  if (connection !== null) chosen.connection = connection;
  const measure = MEASURES.find(({ name }) => name === given.get("measure"))?.name;
  if (measure !== undefined) chosen.measure = measure;
  if (given.get("deltas") === "yes") chosen.deltas = true;
  const columns = parsed(given.get("columns"));
  const setup = parsed(given.get("setup"));
  return {
    source: example
      ? { kind: "example", name: example, expression: given.get("expression") }
      : { kind: "file", title: /** @type {string} */ (file) },
    target: given.get("target"),
    columns: Array.isArray(columns) && columns.every((each) => typeof each === "string") ? columns : null,
    task: oneOf(given.get("task"), TASKS),
    setup: typeof setup === "object" && setup !== null && !Array.isArray(setup) ? { ...setup } : {},
    epoch: wholeIn(given.get("epoch")) ?? 0,
    row: wholeIn(given.get("row")),
    panel: oneOf(given.get("panel"), PANELS),
    pace: wholeIn(given.get("pace")),
    chosen,
  };
}

/**
 * A setup with those values of a wish that are of the same kind; the server checks them again.
 * @param {Setup} setup
 * @param {Record<string, unknown>} wished
 * @returns {Setup}
 */
export function wishedSetup(setup, wished) {
  const entries = Object.entries(setup).map(([name, value]) => {
    const other = Object.hasOwn(wished, name) ? wished[name] : value;
    return [name, name === "hidden" ? (layersIn(other) ?? value) : isAlike(value, other) ? other : value];
  });
  return /** @type {Setup} */ (Object.fromEntries(entries));
}

/**
 * Those choices of a wish that the shown network has.
 * @param {Partial<Chosen>} chosen
 * @param {number[]} sizes
 * @returns {Partial<Chosen>}
 */
export function wishedChoices({ neuron, connection, ...others }, sizes) {
  /** @type {Partial<Chosen>} */
  const found = others;
  if (found.step !== undefined) found.step = Math.min(found.step, 2 * sizes.length);
  if (neuron !== undefined && neuron.layer < sizes.length && neuron.index < sizes[neuron.layer]) found.neuron = neuron;
  if (connection !== undefined) {
    const { layer, j, k } = connection;
    const isThere = layer > 0 && layer < sizes.length && j < sizes[layer] && (k === null || k < sizes[layer - 1]);
    if (isThere) found.connection = connection;
  }
  return found;
}

/**
 * @param {unknown} value
 * @param {unknown} other
 */
function isAlike(value, other) {
  const isNumber = (/** @type {unknown} */ each) =>
    each === null || (typeof each === "number" && Number.isFinite(each));
  return typeof value === typeof other || (isNumber(value) && isNumber(other));
}

/** @param {unknown} value */
function layersIn(value) {
  if (!Array.isArray(value) || value.length > 32) return null;
  const isLayer = (/** @type {any} */ each) =>
    Number.isInteger(each?.size) && each.size > 0 && typeof each.activation === "string";
  return value.every(isLayer) ? value.map(({ size, activation }) => ({ size, activation })) : null;
}

/**
 * @template {string} T
 * @param {string | null} value
 * @param {T[]} known
 */
const oneOf = (value, known) => known.find((each) => each === value) ?? null;

/** @param {string | null} text */
function wholeIn(text) {
  return text !== null && /^\d{1,9}$/.test(text) && Number(text) < MOST ? Number(text) : null;
}

/**
 * @param {string | null} text Numbers with points between them.
 * @param {number} n
 */
function wholesIn(text, n) {
  const found = (text ?? "").split(".").map(wholeIn);
  return found.length === n && !found.includes(null) ? /** @type {number[]} */ (found) : [];
}

/**
 * @param {string | null} text
 * @returns {Connection | null}
 */
function connectionIn(text) {
  const isBias = text?.endsWith(".bias") === true;
  const [layer, j, k] = wholesIn(isBias ? `${text?.slice(0, -5)}.0` : text, 3);
  return layer === undefined ? null : { layer, j, k: isBias ? null : k };
}

/** @param {string | null} text */
function parsed(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text ?? "null"));
  } catch {
    return null;
  }
}
