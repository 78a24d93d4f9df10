/** Play and pause, one step, one epoch, the pace, and the slider that leads back in time. */

import { playButton } from "#page/components/play-button.js";
import { h, put, write } from "#page/dom.js";
import { costsInWords } from "#page/history.js";
import { costsAt, placeInWords } from "#page/live-state.js";
import { count } from "#page/numbers.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Status } from "#page/messages.js"
 */

const PACES = [
  ["2", "2 epochs/s"],
  ["20", "20 epochs/s"],
  ["200", "200 epochs/s"],
  ["", "full speed"],
];

/** @param {Status["more"]} more */
const onward = (more) =>
  more === null
    ? "This training is over: Reset or Build begins a new one."
    : `${count(more.epochs)} more epochs. ${more.words}`;

/** @param {LiveActions} actions */
export function livePlayer(actions) {
  /** @type {LiveState["status"]["state"]} */
  let now = "empty";
  const play = playButton(() => void (now === "training" ? actions.pause() : actions.play()));
  const step = h(
    "button",
    { type: "button", title: "one step of the solver", click: () => void actions.step() },
    "+1 step",
  );
  const epoch = h(
    "button",
    { type: "button", title: "to the end of the epoch", click: () => void actions.epoch() },
    "+1 epoch",
  );
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 1,
    value: 0,
    "aria-label": "epoch",
    input: () => actions.lookBack(Number(slider.value)),
  });
  const follow = h("button", { type: "button", click: () => void actions.follow() }, "Now");
  const pace = h(
    "select",
    { "aria-label": "pace", change: () => void actions.setPace(pace.value === "" ? null : Number(pace.value)) },
    ...PACES.map(([value, name]) => h("option", { value }, name)),
  );
  const place = h("strong", { class: "place" });
  const cost = h("span", {
    class: "cost",
    title: "the mean cost of the epoch's steps, before each of them, and the validation cost after the last one",
  });
  const element = h(
    "section",
    { class: "panel player live", "aria-label": "time" },
    h("div", { class: "buttons" }, play.element, step, epoch),
    h("div", { class: "readout" }, place, cost),
    h("div", { class: "time" }, slider, follow, pace),
  );

  /** @param {LiveState} state */
  function update(state) {
    const { status, model, moment, follows } = state;
    now = status.state;
    const isTraining = now === "training";
    play.update(isTraining);
    const cannotTrain = model === null || model.setup === null || now === "empty" || now === "finished";
    const { more } = status;
    play.element.disabled = cannotTrain && more === null;
    put(play.element, "title", now === "finished" ? onward(more) : "");
    for (const button of [step, epoch]) button.disabled = cannotTrain || isTraining;
    const newest = Math.max(status.epoch, state.reel.kept.at(-1)?.frame.epoch ?? 0);
    const at = moment?.frame ?? { epoch: 0, step: 0 };
    slider.disabled = model === null || newest === 0;
    put(slider, "max", String(Math.max(1, newest)));
    const shown = String(state.sought?.epoch ?? at.epoch);
    if (slider.value !== shown) slider.value = shown;
    const words = placeInWords(at);
    put(slider, "aria-valuetext", words);
    follow.disabled = follows;
    const paceValue = String(state.pace ?? "");
    if (pace.value !== paceValue) pace.value = paceValue;
    put(element, "data-bytes", String(moment?.values.BYTES_PER_ELEMENT ?? 0)); // of a number: 8 have all digits
    const isKept = now === "finished" && at.epoch === status.best_epoch && at.epoch < status.epoch;
    if (model !== null && model.setup === null) {
      write(place, "as it was opened");
      write(cost, "There are no earlier moments: a model keeps its last weights, and not its training.");
      return;
    }
    write(place, model === null ? "" : isKept ? `${words}, kept` : words);
    write(cost, costsInWords(costsAt(state, at)));
  }

  return { element, update };
}
