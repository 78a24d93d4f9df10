/** A histogram. */

import { plot } from "#page/components/plot.js";
import { s } from "#page/dom.js";
import { count, number } from "#page/numbers.js";

/**
 * @param {object} options
 * @param {number[]} options.edges
 * @param {number[]} options.counts
 * @param {string} options.label
 * @param {string} options.words
 * @param {string} [options.kind]
 * @param {{ at: number, words: string }} [options.mark] A value to be found in it.
 */
export function histogram({ edges, counts, label, words, kind = "", mark }) {
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const most = counts.reduce((x, y) => Math.max(x, y), 1);
  const chart = plot({ x: { label, low, high }, y: { label: "count", low: 0, high: most }, height: 150, words });
  counts.forEach((n, place) => {
    const [x, right, y] = [chart.x(edges[place]), chart.x(edges[place + 1]), chart.y(n)];
    const title = `${count(n)} from ${number(edges[place])} to ${number(edges[place + 1])}`;
    chart.drawing.append(
      s(
        "rect",
        { class: `bar ${kind}`, x: x + 0.5, y, width: Math.max(1, right - x - 1), height: chart.bottom - y },
        s("title", {}, title),
      ),
    );
  });
  if (low < 0 && high > 0) chart.drawing.append(line("axis", 0));
  if (mark !== undefined && mark.at >= low && mark.at <= high) {
    const isLeft = mark.at < (low + high) / 2;
    const place = {
      x: chart.x(mark.at) + (isLeft ? 4 : -4),
      y: chart.top + 10,
      "text-anchor": isLeft ? "start" : "end",
    };
    chart.drawing.append(line("now", mark.at), s("text", { class: "halo", ...place }, mark.words));
  }

  /**
   * @param {string} kind
   * @param {number} at
   */
  function line(kind, at) {
    return s("line", { class: kind, x1: chart.x(at), x2: chart.x(at), y1: chart.top, y2: chart.bottom });
  }

  return chart.element;
}
