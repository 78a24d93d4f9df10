/** The cost of every epoch, with a marker at the one that is shown. */

import { h } from "#page/dom.js";
import { curvesOf } from "#page/history.js";
import { chart } from "#page/components/chart.js";

/**
 * @import { Actions } from "#page/actions.js"
 * @import { Recording, State } from "#page/recording.js"
 */

/**
 * @param {Recording} recording
 * @param {Actions} actions
 */
export function curves(recording, actions) {
  const { cost = [], validation_cost = [] } = curvesOf(recording);
  const series = [{ name: "cost", points: cost, kind: "training" }];
  if (validation_cost.length) series.push({ name: "validation cost", points: validation_cost, kind: "validation" });
  const drawing = chart(
    series.map((each) => ({ ...each, points: each.points.map(({ epoch, value }) => ({ x: epoch, y: value })) })),
    { width: 460, height: 150, label: "epoch", last: lastEpoch(recording) },
  );
  const { best_epoch, n_epochs } = recording.history;
  if (best_epoch > 0 && best_epoch !== n_epochs) drawing.mark(best_epoch, "kept");
  drawing.element.addEventListener("click", (event) => {
    const epoch = drawing.xAt(/** @type {MouseEvent} */ (event));
    const distances = recording.frames.map((frame) => Math.abs(frame.epoch - epoch));
    actions.show(distances.indexOf(Math.min(...distances)));
  });
  const scale = drawing.isLog ? " (logarithmic scale)" : "";
  const element = h(
    "section",
    { class: "panel curves", "aria-labelledby": "curves-title" },
    h("h2", { id: "curves-title" }, series.length > 1 ? `Cost and validation cost${scale}` : `Cost${scale}`),
    drawing.element,
  );

  return {
    element,
    /** @param {State} state */
    update(state) {
      drawing.goTo(recording.frames[state.frame].epoch);
    },
  };
}

/** @param {Recording} recording */
function lastEpoch(recording) {
  return Math.max(recording.history.n_epochs, recording.frames[recording.frames.length - 1].epoch, 1);
}
