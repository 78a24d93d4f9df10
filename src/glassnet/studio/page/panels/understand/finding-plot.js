/** The evidence of a finding as a small plot: bars, lines, histograms, or whether probabilities come true. */

import { chart } from "#page/components/chart.js";
import { plot } from "#page/components/plot.js";
import { h, s } from "#page/dom.js";
import { count, percent, short } from "#page/numbers.js";

/** @import { FindingPlot } from "#page/messages.js" */

const KINDS = ["training", "validation"];
const BAR = 14;
const GAP = 5;
const WIDTH = 460;
const NUMBERS = 60;
const LONGEST = 24; // characters of a bar's name
const LETTER = 6.5; // width at most of most letters

/** @param {FindingPlot} evidence */
export function findingPlot(evidence) {
  const draw = { bars, lines, histogram: histograms, reliability }[evidence.kind];
  const scale = evidence.is_log ? " (logarithmic scale)" : "";
  return h(
    "figure",
    {},
    h("figcaption", { class: "muted" }, `${evidence.y}, by ${evidence.x}${evidence.kind === "lines" ? "" : scale}`),
    draw(evidence),
    evidence.series.length > 1 && key(evidence),
  );
}

/**
 * Bars from the left, so that their names can be read; those that the finding is about are filled.
 * @param {FindingPlot} evidence
 */
function bars({ series, labels, marked, threshold, is_log, words }) {
  const values = series[0].values.map((value) => value ?? 0);
  const known = [...values, ...(threshold === null ? [] : [threshold])].filter((value) => !is_log || value > 0);
  const high = Math.max(...known, is_log ? -Infinity : 0);
  const low = Math.min(...known, is_log ? Infinity : 0);
  const scaled = is_log ? Math.log : (/** @type {number} */ value) => value;
  const names = labels.map(shortened);
  const first = 12 + LETTER * Math.max(...names.map((name) => name.length));
  const end = WIDTH - NUMBERS;
  /** @param {number} value */
  const x = (value) => {
    if (is_log && !(value > 0)) return first;
    const share = (scaled(value) - scaled(low)) / (scaled(high) - scaled(low) || 1);
    return first + (is_log ? 4 : 0) + share * (end - first - 4);
  };
  const start = is_log ? first : x(0);
  const bottom = values.length * (BAR + GAP) + 2;
  const height = bottom + (threshold === null ? 0 : 14);
  return s(
    "svg",
    { class: "plot evidence", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": words },
    ...values.flatMap((value, place) => {
      const y = 2 + place * (BAR + GAP);
      const kind = marked.includes(place) ? "marked" : "unmarked";
      const [left, right] = [Math.min(start, x(value)), Math.max(start, x(value))];
      return [
        s("text", { class: kind, x: first - 7, y: y + 11, "text-anchor": "end" }, names[place]),
        s("rect", { class: `bar ${kind}`, x: left, y, width: Math.max(1.5, right - left), height: BAR }),
        s("text", { class: kind, x: right + 5, y: y + 11 }, series[0].values[place] === null ? "NaN" : short(value)),
      ];
    }),
    ...(threshold === null
      ? []
      : [
          s("line", { class: "kept", x1: x(threshold), x2: x(threshold), y1: 0, y2: bottom }),
          s("text", { x: x(threshold), y: bottom + 11, "text-anchor": "middle" }, `limit ${short(threshold)}`),
        ]),
  );
}

/** @param {FindingPlot} evidence */
function lines({ series, at, x, words }) {
  const { element } = chart(
    series.map(({ name, values }, place) => ({
      name,
      kind: KINDS[place] ?? KINDS[1],
      points: values.map((value, k) => ({ x: at[k], y: value ?? NaN })),
    })),
    { width: WIDTH, height: 150, label: x, last: Math.max(at[at.length - 1] ?? 1, 1) },
  );
  element.setAttribute("aria-label", words);
  return element;
}

/**
 * Shares of each sample in the same bins, the second one as outlines over the first.
 * @param {FindingPlot} evidence
 */
function histograms({ series, at, x, threshold, words }) {
  const counts = series.map(({ values }) => values.map((value) => value ?? 0));
  const totals = counts.map((values) => values.reduce((sum, value) => sum + value, 0) || 1);
  const shares = counts.map((values, place) => values.map((value) => value / totals[place]));
  const most = Math.max(...shares.flat(), 1e-9);
  const drawn = plot({
    x: { label: x, low: at[0], high: at[at.length - 1] },
    y: { label: "share of rows", low: 0, high: most },
    height: 170,
    words,
  });
  shares.forEach((values, sample) =>
    values.forEach((share, place) => {
      if (share === 0) return;
      const [left, right] = [drawn.x(at[place]), drawn.x(at[place + 1])];
      const height = Math.max(2, drawn.bottom - drawn.y(share)); // a single row must be seen, too
      const title = `${count(counts[sample][place])} rows, ${percent(share)}`;
      drawn.drawing.append(
        s(
          "rect",
          {
            class: sample === 0 ? "bar" : "bar outlined",
            x: left + 0.5,
            y: drawn.bottom - height,
            width: Math.max(1, right - left - 1),
            height,
          },
          s("title", {}, title),
        ),
      );
    }),
  );
  if (threshold !== null && threshold >= at[0] && threshold <= at[at.length - 1]) {
    const place = drawn.x(threshold);
    drawn.drawing.append(s("line", { class: "kept", x1: place, x2: place, y1: drawn.top, y2: drawn.bottom }));
  }
  return drawn.element;
}

/** @param {FindingPlot} evidence */
function reliability({ series, at, x, y, words }) {
  const drawn = plot({
    x: { label: x, low: 0, high: 1 },
    y: { label: y, low: 0, high: 1 },
    height: 260,
    words,
  });
  const points = at.flatMap((place, k) => {
    const value = series[0].values[k];
    return value === null ? [] : [[drawn.x(place), drawn.y(value)]];
  });
  drawn.drawing.append(
    s("line", { class: "kept", x1: drawn.x(0), y1: drawn.y(0), x2: drawn.x(1), y2: drawn.y(1) }),
    s("path", {
      class: "curve training",
      d: `M${points.map((point) => point.map((p) => p.toFixed(1)).join(" ")).join("L")}`,
    }),
    ...points.map(([cx, cy]) => s("circle", { class: "training-point", cx, cy, r: 3 })),
  );
  return drawn.element;
}

/** @param {FindingPlot} evidence */
function key({ kind, series }) {
  if (kind === "lines") return null; // which names them itself
  return h("p", { class: "muted" }, `Filled: ${series[0].name}. Outlined: ${series[1].name}.`);
}

/** @param {string} label */
function shortened(label) {
  return label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;
}
