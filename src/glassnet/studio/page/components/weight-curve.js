/** The open weight over the epochs. */

import { chart } from "#page/components/chart.js";
import { h } from "#page/dom.js";

/**
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen, Connection } from "#page/recording.js"
 */

/**
 * @param {(connection: Connection) => { epoch: number, weight: number }[]} pointsOf
 * @param {() => { version: number } | null} source Where the points come from; it is drawn anew when its version changes.
 */
export function weightCurve(pointsOf, source = () => null) {
  const element = h("div", { class: "weight-curve" });
  /** @type {{ of: unknown[], drawing: ReturnType<typeof chart> } | null} */
  let shown = null;

  /** @param {Connection} connection */
  function drawn({ layer, j, k }) {
    const from = source();
    const of = [layer, j, k, from, from?.version];
    if (shown !== null && of.every((each, place) => each === shown?.of[place])) return shown;
    const points = pointsOf({ layer, j, k }).map(({ epoch, weight }) => ({ x: epoch, y: weight }));
    const last = Math.max(points.at(-1)?.x ?? 0, 1);
    const series = [{ name: "this weight", kind: "training", points }];
    const drawing = chart(series, { width: 460, height: 110, label: "epoch", last, isSigned: true });
    element.replaceChildren(h("h4", {}, "The weight over time"), drawing.element);
    return (shown = { of, drawing });
  }

  return {
    element,
    /**
     * @param {Chosen} state
     * @param {Moment} moment
     */
    update(state, moment) {
      drawn(state.connection).drawing.goTo(moment.frame.epoch);
    },
  };
}
