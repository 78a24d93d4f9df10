/** The open weight over the epochs. */

import { chart } from "#page/components/chart.js";
import { h, put, s } from "#page/dom.js";

/**
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen, Connection } from "#page/recording.js"
 */

/**
 * @param {(connection: Connection) => { epoch: number, weight: number }[]} pointsOf
 */
export function weightCurve(pointsOf) {
  const element = h("div", { class: "weight-curve" });
  /** @type {{ key: string, drawing: ReturnType<typeof chart>, now: SVGLineElement } | null} */
  let shown = null;

  /** Drawn once for each connection. @param {Connection} connection */
  function drawn(connection) {
    const key = `${connection.layer}.${connection.j}.${connection.k}`;
    if (shown?.key === key) return shown;
    const points = pointsOf(connection).map(({ epoch, weight }) => ({ x: epoch, y: weight }));
    const last = Math.max(points[points.length - 1].x, 1);
    const series = [{ name: "this weight", kind: "training", points }];
    const drawing = chart(series, { width: 460, height: 110, label: "epoch", last, isSigned: true });
    const now = s("line", { class: "now", y1: drawing.top, y2: drawing.bottom });
    drawing.element.append(now);
    element.replaceChildren(h("h4", {}, "The weight over time"), drawing.element);
    return (shown = { key, drawing, now });
  }

  return {
    element,
    /**
     * @param {Chosen} state
     * @param {Moment} moment
     */
    update(state, moment) {
      const { drawing, now } = drawn(state.connection);
      const x = drawing.x(moment.frame.epoch).toFixed(1);
      put(now, "x1", x);
      put(now, "x2", x);
    },
  };
}
