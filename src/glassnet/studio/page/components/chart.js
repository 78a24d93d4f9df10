/** A chart of lines over epochs, drawn once; what moves is put on it by others. */

import { put, s } from "#page/dom.js";
import { count, short } from "#page/numbers.js";

/**
 * @typedef {{ name: string, kind: string, points: { x: number, y: number }[] }} Series
 */

const LEFT = 52;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 22;

/**
 * @param {Series[]} series
 * @param {{ width: number, height: number, label: string, last: number, isSigned?: boolean }} options
 */
export function chart(series, { width, height, label, last, isSigned = false }) {
  const [top, bottom, end] = [TOP, height - BOTTOM, width - RIGHT];
  const values = series.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite);
  let [low, high] = [
    values.reduce((x, y) => Math.min(x, y), Infinity),
    values.reduce((x, y) => Math.max(x, y), -Infinity),
  ];
  if (low > high) [low, high] = [0, 1];
  const isLog = !isSigned && low > 0 && high / low > 30;
  if (!isLog && !isSigned) low = Math.min(low, 0);
  if (low === high) high = low + (Math.abs(low) || 1);
  const scaled = isLog ? Math.log : (/** @type {number} */ y) => y;
  /** @param {number} x */
  const x = (x) => LEFT + (Math.min(x, last) / last) * (end - LEFT);
  /** @param {number} y */
  const y = (y) => bottom - ((scaled(y) - scaled(low)) / (scaled(high) - scaled(low))) * (bottom - top);

  const yTicks = values.length === 0 ? [] : ticks(low, high, isLog);
  const names = series.map(({ name }) => name).join(" and ");
  const element = s(
    "svg",
    { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": description(series, names) },
    ...yTicks.flatMap((at) => [
      s("line", { class: "grid", x1: LEFT, x2: end, y1: y(at), y2: y(at) }),
      s("text", { x: LEFT - 6, y: y(at) + 4, "text-anchor": "end" }, short(at)),
    ]),
    values.length === 0 && s("text", { x: LEFT + 8, y: (top + bottom) / 2 }, "no epoch was finished"),
    s("line", { class: "axis", x1: LEFT, x2: end, y1: bottom, y2: bottom }),
    s("text", { x: LEFT, y: height - 6 }, "0"),
    s("text", { x: end, y: height - 6, "text-anchor": "end" }, `${label} ${count(last)}`),
    ...series.map(({ points, kind }) => s("path", { class: `curve ${kind}`, d: path(points, x, y) })),
    ...(series.length > 1
      ? series.map(({ name, kind }, place) =>
          s(
            "g",
            {},
            s("line", {
              class: `curve ${kind}`,
              x1: end - 120,
              x2: end - 96,
              y1: top + 8 + 15 * place,
              y2: top + 8 + 15 * place,
            }),
            s("text", { class: "halo", x: end - 90, y: top + 12 + 15 * place }, name),
          ),
        )
      : []),
  );

  const now = s("line", { class: "now", y1: top, y2: bottom });

  return {
    element,
    isLog,
    /**
     * The value on the horizontal axis at the pointer.
     * @param {MouseEvent} event
     */
    xAt(event) {
      const box = element.getBoundingClientRect();
      const scale = Math.min(box.width / width, box.height / height);
      const at = (event.clientX - box.left - (box.width - width * scale) / 2) / scale;
      return ((at - LEFT) / (end - LEFT)) * last;
    },
    /**
     * Show where the reader is.
     * @param {number} at
     */
    goTo(at) {
      const place = x(at).toFixed(1);
      put(now, "x1", place);
      put(now, "x2", place);
      if (now.parentNode === null) element.append(now);
    },
    /**
     * @param {number} at
     * @param {string} words
     */
    mark(at, words) {
      const isRight = x(at) > width / 2;
      element.append(
        s("line", { class: "kept", x1: x(at), x2: x(at), y1: top, y2: bottom }),
        s(
          "text",
          { class: "halo", x: x(at) + (isRight ? -4 : 4), y: bottom - 5, "text-anchor": isRight ? "end" : "start" },
          words,
        ),
      );
    },
  };
}

/**
 * @param {{ x: number, y: number }[]} points
 * @param {(x: number) => number} x
 * @param {(y: number) => number} y
 */
function path(points, x, y) {
  let isDown = false;
  return points
    .map((point) => {
      if (!Number.isFinite(point.y)) {
        isDown = false;
        return "";
      }
      const command = isDown ? "L" : "M";
      isDown = true;
      return `${command}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`;
    })
    .join("");
}

/**
 * @param {number} low
 * @param {number} high
 * @param {boolean} isLog
 */
export function ticks(low, high, isLog) {
  if (isLog) {
    const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const within = (/** @type {number[]} */ steps, stride = 1) => {
      const found = [];
      for (let power = from; power <= to; power += stride) found.push(...steps.map((step) => step * 10 ** power));
      return found.filter((at) => at >= low && at <= high);
    };
    const fine = within([1, 2, 5]);
    return fine.length <= 5 ? fine : within([1], Math.ceil((to - from) / 5));
  }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const stride = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  const found = [];
  for (let at = Math.ceil(low / stride) * stride; at <= high + 1e-9 * stride; at += stride) {
    found.push(Math.abs(at) < 1e-9 * stride ? 0 : at);
  }
  return found;
}

/**
 * @param {Series[]} series
 * @param {string} names
 */
function description(series, names) {
  const parts = series.map(({ name, points }) => {
    const finite = points.filter(({ y }) => Number.isFinite(y));
    if (finite.length === 0) return `${name}: no finite values`;
    return `${name} from ${short(finite[0].y)} to ${short(finite[finite.length - 1].y)}`;
  });
  return `Chart of ${names}: ${parts.join("; ")}`;
}
