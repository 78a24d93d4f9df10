/** Building: the layers with their activations, and the settings of the training, each with a sentence. */

import { next, nothing, primary, refusal, secondsInWords } from "#page/components/told.js";
import { h, put, write } from "#page/dom.js";
import { count } from "#page/numbers.js";
import { fields } from "#page/panels/build/fields.js";
import { layers } from "#page/panels/build/layers.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Hello, Setup } from "#page/messages.js"
 */

/** What most readers change, and what the others are for. */
const USUAL = ["loss", "solver", "learning_rate_init", "learning_rate", "max_iter"];
const FURTHER = ["batch_size", "alpha", "dropout", "validation_fraction", "n_iter_no_change", "random_state", "scaled"];

/** @param {LiveActions} actions */
export function buildPanel(actions) {
  const size = h("p", { class: "size", role: "status" });
  const refused = refusal();
  const place = h("div", {});
  const longer = primary("", () => {
    const epochs = actions.now().draft?.max_iter ?? null;
    actions.discard();
    actions.go("train");
    void actions.play(epochs);
  });
  const anew = primary("Build it", () => void actions.build());
  const consequence = h("p", {});
  const question = h(
    "div",
    { class: "question" },
    consequence,
    longer,
    anew,
    h("button", { type: "button", click: () => actions.discard() }, "Discard"),
  );
  const train = primary("Train", async () => {
    actions.go("train");
    const isPlaying = await actions.play();
    if (!isPlaying && actions.now().refused.build !== undefined) actions.go("build");
  });
  const work = h("div", {}, size, place, next(question, refused.element, train));
  const without = nothing(
    "A network needs data: their columns become its inputs, the target its outputs.",
    "Open data",
    () => actions.go("data"),
  );
  const fixed = h("p", {}, "This network was opened as it is, and cannot be built anew without its table.");
  const element = h("div", { class: "build" }, h("h2", {}, "Build"), without.element, fixed, work);
  /** @type {Hello | null} */
  let shown = null;
  /** @type {{ update(state: LiveState): void }[]} */
  let parts = [];

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { hello, model, status, draft } = state;
      if (hello !== null && hello !== shown) {
        shown = hello;
        const made = [
          layers(hello.controls, actions),
          fields(hello.controls, USUAL, actions),
          fields(hello.controls, FURTHER, actions),
        ];
        parts = made;
        place.replaceChildren(
          made[0].element,
          h("h3", {}, "Training"),
          made[1].element,
          h("details", {}, h("summary", {}, "More settings"), made[2].element),
        );
      }
      without.update(model === null);
      fixed.hidden = model === null || model.setup !== null;
      work.hidden = model === null || model.setup === null;
      if (model === null || work.hidden) return;
      for (const part of parts) part.update(state);
      write(size, sizeInWords(model));
      const isTrained = status.state !== "ready";
      question.hidden = draft === null || !isTrained;
      const epochs = canGoOn(status) ? moreEpochs(draft, model.setup, status.epoch) : null;
      longer.hidden = epochs === null;
      write(longer, `Train up to epoch ${count(epochs ?? 0)}`);
      put(anew, "class", epochs === null ? "primary" : "");
      write(
        consequence,
        epochs === null
          ? "This builds a new network and forgets the training."
          : "The training can go on for more epochs; building it begins a new one.",
      );
      train.hidden = !question.hidden || status.state === "training" || status.state === "finished";
      write(train, isTrained ? "Go on training" : "Train");
      refused.update(state.refused.build);
    },
  };
}

/** @param {LiveState["status"]} status */
const canGoOn = ({ state, more }) => state === "paused" || state === "training" || more !== null;

/**
 * The planned epochs, if they are all that is changed, and training has not come so far.
 * @param {Setup | null} draft
 * @param {Setup | null} setup
 * @param {number} epoch
 */
function moreEpochs(draft, setup, epoch) {
  if (draft === null || setup === null || draft.max_iter <= Math.max(epoch, setup.max_iter)) return null;
  return JSON.stringify({ ...draft, max_iter: setup.max_iter }) === JSON.stringify(setup) ? draft.max_iter : null;
}

/** @param {NonNullable<LiveState["model"]>} model */
function sizeInWords({ record, n_parameters, n_rows, n_validation, seconds }) {
  const parameters = `${record.sizes.join("-")}: ${count(n_parameters)} parameters`;
  const rows = `${count(n_rows)} rows to learn from`;
  const aside = n_validation > 0 ? `, ${count(n_validation)} set aside` : "";
  const time = seconds === null ? "" : `; about ${secondsInWords(seconds)} at full speed`;
  return `${parameters}, ${rows}${aside}${time}.`;
}
