/** The state of the live page: how it begins, and what each message of the server changes in it. */

import { firstChosen } from "#page/actions.js";
import { Curves, Reel } from "#page/live-frames.js";
import { frameOf, liveMoment } from "#page/live-moment.js";
import { count } from "#page/numbers.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { FromServer, Status } from "#page/messages.js"
 * @import { Row } from "#page/recording.js"
 */

/** @type {Status} */
const NOTHING = {
  type: "status",
  state: "empty",
  epoch: 0,
  step: 0,
  stopped: null,
  reason: null,
  best_epoch: null,
  edits: 0,
  message: null,
  more: null,
};

/** What a session has told; a new session begins without it. */
export function untold() {
  return {
    hello: null,
    data: null,
    status: NOTHING,
    ...withoutModel(),
  };
}

function withoutModel() {
  return {
    model: null,
    row: null,
    draft: null,
    tried: null,
    neuronCard: null,
    views: {},
    prediction: null,
    ...withoutFrames(),
  };
}

function withoutFrames() {
  return {
    moment: null,
    follows: true,
    sought: null,
    reel: new Reel(),
    curves: new Curves(),
    criteria: [],
    edits: [],
  };
}

/** @returns {LiveState} */
export function initial() {
  return {
    ...untold(),
    link: "connecting",
    notice: "",
    tab: "steps",
    step: 0,
    neuron: { layer: 0, index: 0 },
    connection: { layer: 1, j: 0, k: null },
    deltas: false,
    measure: "layer",
    panel: "data",
    viewing: { view: null, options: {}, follows: true },
    source: null,
    pace: 20,
    sent: null,
    busy: {},
    refused: {},
  };
}

/**
 * @param {LiveState} state
 * @param {FromServer} message
 * @returns {Partial<LiveState>}
 */
export function heard(state, message) {
  switch (message.type) {
    case "hello":
      return { ...untold(), hello: message };
    case "data":
      return { data: message, draft: null };
    case "model": {
      const model = /** @type {LiveState["model"] & {}} */ (message);
      if (message.is_same) return { model };
      const { tab, deltas, measure, draft } = state; // a reader may have planned more while it was built
      return { ...withoutModel(), ...firstChosen(model.record), tab, deltas, measure, draft, model };
    }
    case "row":
      return { row: /** @type {Row} */ (message.row), prediction: null };
    case "status":
      if (message.state === "empty") return { ...withoutModel(), status: message };
      // After a reset, time begins anew.
      return isEarlier(message, state.status) ? { ...withoutFrames(), status: message } : { status: message };
    case "neuron":
      return { neuronCard: message };
    case "view":
      return { views: { ...state.views, [message.view]: message } };
    case "prediction":
      return { prediction: message };
    case "refused":
      return { notice: message.message };
    default:
      return {};
  }
}

/**
 * @param {Status} one
 * @param {Status} other
 */
function isEarlier(one, other) {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.step < other.step);
}

/**
 * What a frame changes. A live one is kept, and shown unless the reader looks back; one that was asked for is shown,
 * unless the reader has meanwhile gone on to another moment.
 * @param {LiveState} state
 * @param {ArrayBuffer} buffer
 * @returns {{ frame: number, changes: Partial<LiveState> }}
 */
export function seen(state, buffer) {
  const frame = frameOf(buffer);
  const { header } = frame;
  const { model, row, reel, curves, sought, follows } = state;
  if (model === null || row === null) return { frame: header.frame, changes: {} };
  const moment = liveMoment(model.record, frame, row);
  const { start, ofRow } = moment.layout;
  if (frame.values.length !== start + ofRow) return { frame: header.frame, changes: {} }; // of another network
  curves.add(header);
  /** @type {Partial<LiveState>} */
  const changes = { edits: header.edits };
  if (state.moment === null) changes.follows = header.is_live || isNewest(header, state.status); // of a reloaded page
  if (header.criteria.length > 0) changes.criteria = header.criteria;
  reel.keep(moment);
  const isWanted = sought === null || (sought.epoch === header.epoch && sought.step === header.step);
  if (state.moment === null || (header.is_live ? follows : follows || isWanted)) changes.moment = moment;
  return { frame: header.frame, changes };
}

/**
 * Whether a moment is where training stands, or the one that was kept.
 * @param {{ epoch: number, step: number }} at
 * @param {Status} status
 */
function isNewest({ epoch, step }, status) {
  if (status.state === "training") return true;
  return (
    (epoch === status.epoch && step === status.step) || (status.state === "finished" && epoch === status.best_epoch)
  );
}

/**
 * The number of steps and epochs at which training stands, in words.
 * @param {{ epoch: number, step: number }} at
 */
export function placeInWords({ epoch, step }) {
  if (step > 0) return `epoch ${count(epoch)}, ${step === 1 ? "1 step" : `${step} steps`} on`;
  return epoch === 0 ? "start" : `epoch ${count(epoch)}`;
}

/**
 * Where training stands. While it runs, its frames tell it: its status tells only what else has changed.
 * @param {LiveState} state
 * @returns {{ epoch: number, step: number }}
 */
export function standing({ status, reel, moment }) {
  return status.state === "training" ? ((reel.kept.at(-1) ?? moment)?.frame ?? status) : status;
}

/**
 * The costs at a moment, in a way that can be shown; one without a value is null. Those of the shown moment come with it
 * if weights were set by hand: the curves have the costs from before.
 * @param {LiveState} state
 * @param {{ epoch: number, step: number }} at
 */
export function costsAt({ curves, moment }, { epoch, step }) {
  const shown = moment?.frame;
  const byHand = shown?.epoch === epoch && shown.step === step ? (shown.costs ?? null) : null;
  const [cost, validation] = byHand ?? [curves.at("cost", epoch), curves.at("validation_cost", epoch)];
  return { cost, validation, isByHand: byHand !== null };
}
