/** Training: begin, pause, stop at an epoch, begin anew; the curves; how near it is to its end, and why it ended. */

import { link } from "#page/components/links.js";
import { liveCurves } from "#page/components/live-curves.js";
import { next, nothing, primary, refusal, secondsInWords } from "#page/components/told.js";
import { h, put, write } from "#page/dom.js";
import { placeInWords } from "#page/live-state.js";
import { count } from "#page/numbers.js";
import { criteria } from "#page/panels/train/criteria.js";
import { finder } from "#page/panels/train/finder.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

const LONG = 2; // seconds of an epoch, after which a reader wonders why nothing happens

/** @param {LiveActions} actions */
export function trainPanel(actions) {
  /** @type {LiveState["status"]["state"]} */
  let now = "empty";
  const start = primary("Train", () => void (now === "training" ? actions.pause() : actions.play()));
  const reset = h(
    "button",
    { type: "button", title: "back to the initial weights", click: () => void actions.reset() },
    "Reset",
  );
  const until = h("input", { type: "number", id: "until", min: 1, step: 1, value: 100, required: true });
  const stopAt = h(
    "form",
    {
      class: "fields",
      submit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void actions.play(until.valueAsNumber);
      },
    },
    h("label", { for: "until" }, "Train up to epoch"),
    until,
    h("button", { type: "submit" }, "Go"),
  );
  const why = h("p", { class: "why", role: "status" });
  const kept = h("p", { class: "muted" });
  const more = h("p", { class: "muted", id: "more" });
  const otherwise = h(
    "p",
    { class: "muted" },
    "To train otherwise, change the settings in ",
    link("Build", () => actions.go("build")),
    "; a new training begins.",
  );
  const onward = next(primary("Understand the network", () => actions.go("understand")));
  const long = h("p", { class: "muted" });
  const tries = h("span", {});
  const fix = h(
    "p",
    { class: "question", role: "status" },
    tries,
    h("button", { type: "button", click: () => void actions.undoFix() }, "Undo this fix"),
  );
  const refused = refusal();
  const curves = liveCurves(actions);
  const bars = criteria();
  const find = finder(actions);
  const work = h(
    "div",
    {},
    fix,
    h("div", { class: "fields" }, start, reset),
    stopAt,
    refused.element,
    why,
    kept,
    more,
    otherwise,
    long,
    curves.element,
    bars.element,
    find.element,
    onward,
  );
  const without = nothing("There is no network to train yet.", "Open data", () => actions.go("data"));
  const fixed = h(
    "p",
    {},
    "This network was opened as it is: it is here to be looked at, not to be trained. Open its table to train a new one.",
  );
  const element = h("div", { class: "train" }, h("h2", {}, "Train"), without.element, fixed, work);

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { status, model } = state;
      now = status.state;
      without.update(model === null);
      fixed.hidden = model === null || model.setup !== null;
      work.hidden = model === null || model.setup === null;
      if (work.hidden) return;
      const { tried } = state;
      fix.hidden = tried === null;
      write(tries, `This training tries a fix: ${tried?.words ?? ""}. `);
      const hasBegun = status.epoch > 0 || status.step > 0;
      const isBusy = state.busy.train === true;
      const isOver = now === "finished" && status.more === null;
      write(start, label(status, hasBegun, isBusy));
      put(start, "class", now === "finished" ? "" : "primary");
      start.disabled = isBusy;
      start.hidden = stopAt.hidden = isOver;
      reset.disabled = !hasBegun;
      put(until, "min", String(status.epoch + 1));
      const isPast = !(until.valueAsNumber > status.epoch);
      if (isPast && now !== "training" && document.activeElement !== until) until.value = String(status.epoch + 100);
      refused.update(state.refused.train);
      const diverged = status.stopped === "diverged";
      put(why, "class", diverged ? "why diverged" : "why");
      write(why, reasonInWords(state));
      const { best_epoch } = status;
      kept.hidden = now !== "finished" || best_epoch === null || best_epoch === status.epoch || diverged;
      const where = (model?.n_validation ?? 0) > 0 ? ", where the cost of the validation rows was smallest" : "";
      write(kept, `The weights of epoch ${count(best_epoch ?? 0)} were kept${where}.`);
      more.hidden = status.more === null;
      write(more, status.more?.words ?? "");
      otherwise.hidden = onward.hidden = now !== "finished";
      const seconds = model?.epoch_seconds ?? 0;
      long.hidden = now !== "training" || seconds < LONG;
      write(long, `An epoch takes about ${secondsInWords(seconds)}; Pause and all questions wait for its end.`);
      curves.update(state);
      bars.update(state);
      find.update(state);
    },
  };
}

/**
 * @param {LiveState["status"]} status
 * @param {boolean} hasBegun
 * @param {boolean} isBusy
 */
function label({ state, more }, hasBegun, isBusy) {
  if (state === "training") return isBusy ? "Pausing after this epoch …" : "Pause";
  if (more !== null) return `Train ${count(more.epochs)} more ${more.epochs === 1 ? "epoch" : "epochs"}`;
  return hasBegun ? "Go on" : "Train";
}

/** @param {LiveState} state */
function reasonInWords({ status, model }) {
  if (status.reason !== null) {
    const head = status.stopped === "diverged" ? "Training diverged" : "Why it stopped";
    return `${head}: ${status.reason.replace(/\.$/, "")}.`;
  }
  if (status.message !== null) return status.message;
  if (status.state === "ready") {
    const seconds = model?.seconds ?? null;
    return `Up to ${count(model?.setup?.max_iter ?? 0)} epochs${seconds === null ? "" : `, about ${secondsInWords(seconds)} at full speed`}.`;
  }
  return status.state === "paused" ? `Paused at ${placeInWords(status)}.` : "";
}
