/** The cost curves of a training that goes on, drawn anew as they grow, with a marker at the moment that is shown. */

import { chart } from "#page/components/chart.js";
import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

const PAUSE = 90; // milliseconds between two drawings
const SIZE = { width: 340, height: 200 };

/** @param {LiveActions} actions */
export function liveCurves(actions) {
  const title = h("h3", {});
  const place = h("div", {});
  const element = h("div", { class: "curves-live" }, title, place);
  let drawnAt = -PAUSE;
  let version = -1;
  /** @type {LiveState["curves"] | null} */
  let curves = null;
  /** @type {ReturnType<typeof chart> | null} */
  let shown = null;
  let timer = 0;

  /** @param {LiveState} state */
  function draw(state) {
    drawnAt = performance.now();
    curves = state.curves;
    version = curves.version;
    const { cost = [], validation_cost = [] } = curves.points;
    const series = [{ name: "cost", points: cost, kind: "training" }];
    if (validation_cost.length > 0) series.push({ name: "validation", points: validation_cost, kind: "validation" });
    const last = Math.max(1, state.status.epoch, cost[cost.length - 1]?.x ?? 0);
    const drawing = chart(series, { ...SIZE, label: "epoch", last });
    const { best_epoch } = state.status;
    if (best_epoch !== null && best_epoch > 0 && best_epoch < last) drawing.mark(best_epoch, "kept");
    drawing.element.addEventListener("click", (event) => {
      const epoch = Math.round(drawing.xAt(/** @type {MouseEvent} */ (event)));
      actions.lookBack(Math.max(0, Math.min(last, epoch)));
    });
    title.textContent = drawing.isLog ? "Cost (logarithmic scale)" : "Cost";
    place.replaceChildren(drawing.element);
    shown = drawing;
    mark(state);
  }

  /** @param {LiveState} state */
  function mark({ moment }) {
    shown?.goTo(moment?.frame.epoch ?? 0);
  }

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      element.hidden = state.curves.version === 0;
      clearTimeout(timer);
      if (state.curves === curves && state.curves.version === version) return mark(state);
      const wait = drawnAt + PAUSE - performance.now();
      if (wait <= 0) draw(state);
      else timer = window.setTimeout(() => draw(state), wait);
    },
  };
}
