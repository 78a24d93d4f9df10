/** The blame that flows back along the connections: w·δ, from a neuron to those that led to it. */

import { put, s, write } from "#page/dom.js";
import { short } from "#page/numbers.js";

/**
 * @import { Moment } from "#page/moments.js"
 * @import { Picture, Point } from "#page/recording.js"
 */

const BOW = 0.09; // distance of a curve from the straight line, relative to its length, as in drawn pictures
const HEAD = 8; // length of an arrowhead
const TOLD = 6; // flows of a layer whose number stands beside them
const LEAST = 0.08; // of the strongest in its layer has a flow that is drawn
const MOVING = 0.3; // the same for marks that move: more of them would only flicker, and cost frames
const [THINNEST, THICKER] = [0.7, 2.6]; // widths, as in drawn pictures

/** @param {Picture} picture */
export function flows({ scene, sizes }) {
  const drawn = scene.connections
    .filter(({ layer, k }) => layer > 1 && k !== null)
    .map((connection) => {
      const { curve, head, middle } = shape(connection.to, connection.from);
      const line = s("path", { class: "line", d: curve });
      const marks = s("path", { class: "marks", d: curve });
      const tip = s("path", { class: "tip", d: head });
      const text = s("text", { x: middle[0], y: middle[1] + 4, "text-anchor": "middle" });
      const group = s("g", { class: "flow" }, line, marks, tip);
      return { ...connection, group, line, marks, text };
    });
  /** @type {Set<number>} Layers from which nothing is drawn to flow. */
  const isOff = new Set();
  const element = s(
    "g",
    { class: "flows", "aria-hidden": "true" },
    ...drawn.map(({ group }) => group),
    ...drawn.map(({ text }) => text),
  );

  return {
    element,
    /**
     * @param {Moment} moment
     * @param {(layer: number) => boolean} flows Whether blame flows back from a layer.
     */
    update(moment, flows) {
      for (let layer = 2; layer < sizes.length; layer++) {
        const isOn = flows(layer);
        if (!isOn && isOff.has(layer)) continue;
        const ofLayer = drawn.filter((flow) => flow.layer === layer);
        if (!isOn) {
          isOff.add(layer);
          for (const { group, text } of ofLayer) {
            put(group, "class", "flow off");
            write(text, "");
          }
          continue;
        }
        isOff.delete(layer);
        const blames = ofLayer.map((flow) => moment.weight(flow) * moment.delta(layer, flow.j));
        const sizes = blames.map(Math.abs).toSorted((one, other) => other - one);
        const most = sizes[0] || 1;
        const least = sizes[Math.min(TOLD, sizes.length) - 1];
        ofLayer.forEach(({ group, line, marks, text }, place) => {
          const blame = blames[place];
          const share = Math.min(1, Math.abs(blame) / most) || 0;
          const width = THINNEST + share * THICKER;
          put(group, "class", `flow${blame < 0 ? " negative" : ""}${share < LEAST ? " off" : ""}`);
          put(line, "stroke-width", width.toFixed(2));
          put(line, "stroke-opacity", (0.4 + 0.6 * share).toFixed(2));
          put(marks, "class", share < MOVING ? "marks off" : "marks");
          put(marks, "stroke-width", (width + 2.5).toFixed(2));
          write(text, Math.abs(blame) >= least && share >= LEAST ? short(blame) : "");
        });
      }
    },
  };
}

/**
 * A curve beside the straight line between two points, the head of its arrow, and the place of its number.
 * @param {Point} from
 * @param {Point} to
 * @returns {{ curve: string, head: string, middle: Point }}
 */
function shape([x1, y1], [x2, y2]) {
  const control = [(x1 + x2) / 2 - 2 * BOW * (y2 - y1), (y1 + y2) / 2 + 2 * BOW * (x2 - x1)];
  const length = Math.hypot(x2 - control[0], y2 - control[1]) || 1;
  const [dx, dy] = [(x2 - control[0]) / length, (y2 - control[1]) / length];
  const [baseX, baseY] = [x2 - HEAD * dx, y2 - HEAD * dy];
  const side = 0.45 * HEAD;
  /** @param {number[]} at */
  const point = ([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`;
  return {
    curve: `M${point([x1, y1])} Q${point(control)} ${point([baseX, baseY])}`,
    head: `M${point([x2, y2])} L${point([baseX - side * dy, baseY + side * dx])} L${point([baseX + side * dy, baseY - side * dx])} Z`,
    middle: [0.3 * x1 + 0.5 * control[0] + 0.2 * x2, 0.3 * y1 + 0.5 * control[1] + 0.2 * y2],
  };
}
