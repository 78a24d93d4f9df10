/** The head of the page: which network was trained, why training stopped, and what a reader has to know. */

import { h } from "#page/dom.js";

/** @import { Recording } from "#page/recording.js" */

/** @param {Recording} recording */
export function summary(recording) {
  const { history, notes } = recording;
  const kept = history.best_epoch !== history.n_epochs && history.stopped !== "diverged";
  const remarks = [...notes, ...(history.thinned === null ? [] : [history.thinned])];
  const diverged = history.divergence !== null;
  return h(
    "header",
    { class: diverged ? "summary diverged" : "summary" },
    h("h1", {}, recording.title),
    h(
      "p",
      { class: "stopped" },
      h("strong", {}, diverged ? "Training diverged: " : "Why it stopped: "),
      `${history.reason}.`,
      kept && ` The parameters of epoch ${history.best_epoch} were kept.`,
    ),
    remarks.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, remarks.length === 1 ? "1 note" : `${remarks.length} notes`),
        h("ul", {}, ...remarks.map((each) => h("li", {}, each))),
      ),
  );
}
