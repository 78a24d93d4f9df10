/** A histogram. */

import { s } from "#page/dom.js";
import { plot } from "#page/panels/understand/plot.js";

/**
 * @param {{ edges: number[], counts: number[], label: string, words: string, height?: number, kind?: string }} options
 */
export function histogram({ edges, counts, label, words, height = 150, kind = "" }) {
  const most = counts.reduce((x, y) => Math.max(x, y), 1);
  const chart = plot({
    x: { label, low: edges[0], high: edges[edges.length - 1] },
    y: { label: "count", low: 0, high: most },
    height,
    words,
  });
  counts.forEach((n, place) => {
    const [x, right, y] = [chart.x(edges[place]), chart.x(edges[place + 1]), chart.y(n)];
    if (n > 0)
      chart.drawing.append(
        s("rect", { class: `bar ${kind}`, x: x + 0.5, y, width: right - x - 1, height: chart.bottom - y }),
      );
  });
  if (edges[0] < 0 && edges[edges.length - 1] > 0) {
    chart.drawing.append(s("line", { class: "now", x1: chart.x(0), x2: chart.x(0), y1: chart.top, y2: chart.bottom }));
  }
  return chart.element;
}
