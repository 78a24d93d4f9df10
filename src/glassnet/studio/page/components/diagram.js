/** The network: places from the scene, widths, dashes and numbers from the frame and the row. */

import { stepsOf } from "#page/actions.js";
import { flows } from "#page/components/flows.js";
import { h, put, s, write } from "#page/dom.js";
import { compact, number, short } from "#page/numbers.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen, Picture } from "#page/recording.js"
 */

const FAINT = 0.3; // of its opacity has a connection that the step is not about

/**
 * @param {Picture} picture
 * @param {Choosing} actions
 */
export function diagram(picture, actions) {
  const { scene, names, sizes } = picture;
  const L = sizes.length - 1;
  const [left, top, width, height] = scene.box;
  const steps = stepsOf(picture);
  /** @type {Moment} */
  let shown;

  const connections = scene.connections.map((connection) => {
    const [[x1, y1], [x2, y2]] = [connection.from, connection.to];
    const line = s("line", { x1, y1, x2, y2 });
    const title = s("title");
    const hit = s("line", { class: "hit", x1, y1, x2, y2, click: () => actions.openConnection(connection) }, title);
    hit.addEventListener("pointerenter", () =>
      write(title, `${words(connection)}: ${number(shown.weight(connection))}`),
    );
    return { connection, line, hit };
  });

  /** @param {{ layer: number, j: number, k: number | null }} connection */
  function words({ layer, j, k }) {
    return `${k === null ? "bias" : names[layer - 1][k]} → ${names[layer][j]}`;
  }

  const neurons = scene.neurons.map(({ layer, index, name, at: [x, y] }) => {
    const value = s("text", { class: "value", x, y: y + 4, "text-anchor": "middle" });
    const inner = layer > 0 && layer < L;
    const isFirst = layer === 0;
    const noteX = inner ? x : isFirst ? x - scene.radius - 8 : x + scene.radius + 8;
    const anchor = inner ? "middle" : isFirst ? "end" : "start";
    const delta = s(inner ? "tspan" : "text", { class: "note blame" });
    const number = inner && s("tspan", {}, name.replace("hidden", ""));
    const note = inner
      ? s("text", { class: "note", x, y: y - scene.radius - 4, "text-anchor": anchor }, number, " ", delta)
      : s("text", { class: "note", x: noteX, y: y + 18, "text-anchor": anchor });
    if (!inner)
      for (const [key, place] of Object.entries({ x: noteX, y: y + 31, "text-anchor": anchor }))
        put(delta, key, String(place));
    const circle = s("circle", { cx: x, cy: y, r: scene.radius });
    const group = s(
      "g",
      {
        class: `neuron ${kind(layer)}`,
        role: "button",
        tabindex: -1,
        "data-neuron": `${layer}.${index}`,
        click: () => actions.openNeuron(layer, index),
        keydown: (/** @type {KeyboardEvent} */ event) => onKey(event, layer, index),
      },
      circle,
      value,
    );
    return { layer, index, name, group, value, note, delta, inner, y };
  });

  /** @param {number} layer */
  function kind(layer) {
    return layer === 0 ? "inputs" : layer === L ? "outputs" : `hidden-${((layer - 1) % 4) + 1}`;
  }

  /**
   * Arrows move within a layer and between layers; Enter and the space bar open the card.
   * @param {KeyboardEvent} event
   * @param {number} layer
   * @param {number} index
   */
  function onKey(event, layer, index) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      actions.openNeuron(layer, index);
      return;
    }
    const moves = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move === undefined) return;
    event.preventDefault();
    const from = /** @type {(typeof neurons)[0]} */ (neurons.find((n) => n.layer === layer && n.index === index));
    const column = neurons.filter((n) => n.layer === layer + move[0]);
    const to = move[0]
      ? column.toSorted((one, other) => Math.abs(one.y - from.y) - Math.abs(other.y - from.y))[0]
      : column[column.indexOf(from) + move[1]];
    if (to === undefined) return;
    for (const neuron of neurons) put(neuron.group, "tabindex", neuron === to ? "0" : "-1");
    /** @type {SVGGElement} */ (to.group).focus();
  }

  put(neurons[0].group, "tabindex", "0");
  const r = scene.half_unit;
  const blame = flows(picture);
  const drawing = s(
    "svg",
    {
      class: "diagram",
      viewBox: scene.box.join(" "),
      role: "group",
      "aria-label": `Network of ${sizes.join("-")}; arrow keys move between neurons, Enter opens one`,
    },
    s("rect", { class: "ground", x: left, y: top, width, height }),
    ...scene.areas.map((corners) => s("polygon", { class: "area", points: corners.map((at) => at.join()).join(" ") })),
    s("g", { class: "lines" }, ...connections.map(({ line }) => line)),
    blame.element,
    s("g", {}, ...connections.map(({ hit }) => hit)),
    ...scene.units.map(({ layer, at: [x, y] }) =>
      s(
        "g",
        { class: "unit" },
        s("title", {}, `bias unit of layer ${layer}: always 1`),
        s("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, rx: 4 }),
        s("text", { x, y: y + 4, "text-anchor": "middle" }, "1"),
      ),
    ),
    ...scene.texts.map(({ at: [x, y], words: text, full, size, anchor, role, bold }) =>
      s(
        "text",
        { x, y, class: `label ${role}`, "font-size": size, "font-weight": bold && "bold", "text-anchor": anchor },
        full !== text && s("title", {}, full),
        text,
      ),
    ),
    ...neurons.map(({ group }) => group),
    ...neurons.flatMap(({ note, delta, inner }) => (inner ? [note] : [note, delta])),
    ...scene.groups.map(({ layer, hidden, at: [x, y] }) =>
      s(
        "g",
        { class: `group ${kind(layer)}` },
        s("title", {}, `${hidden} more, not drawn one by one`),
        s("rect", { x: x - 26, y: y - 0.62 * scene.radius, width: 52, height: 1.24 * scene.radius, rx: 11 }),
        s("text", { x, y: y + 4, "text-anchor": "middle" }, `+${hidden}`),
      ),
    ),
  );
  const element = h("div", { class: "canvas" }, drawing);

  /**
   * @param {Chosen} state
   * @param {Moment} moment
   */
  function update(state, moment) {
    shown = moment;
    const step = state.tab === "steps" ? steps[state.step] : null;
    const isBackward = step?.kind === "backward";
    const isOfLayer = step?.kind === "forward" || isBackward;
    const ofStep = step === null ? 0 : isBackward ? Math.min(step.layer + 1, L) : step.layer;
    /** @param {number} layer */
    const flowsFrom = (layer) => state.deltas || (isBackward && layer === step.layer + 1);
    const { widths, opacities } = scene.line;
    for (const { connection, line } of connections) {
      const weight = moment.weight(connection);
      const share = Math.min(1, Math.abs(weight) / (picture.layers[connection.layer - 1].widest || 1)) || 0;
      const isOpen = state.tab === "connection" && same(connection, state.connection);
      const isFaint = isOfLayer && (ofStep !== connection.layer || flowsFrom(connection.layer));
      put(line, "class", `${weight < 0 ? "negative" : "positive"}${isOpen ? " open" : ""}`);
      put(line, "stroke-width", (widths[0] + share * (widths[1] - widths[0])).toFixed(2));
      const opacity = opacities[0] + share * (opacities[1] - opacities[0]);
      put(line, "stroke-opacity", (isFaint ? FAINT * opacity : opacity).toFixed(2));
    }
    blame.update(moment, flowsFrom);
    const withDeltas = state.deltas || isBackward;
    for (const { layer, index, name, group, value, note, delta, inner } of neurons) {
      const a = moment.a(layer, index);
      const digits = compact(a);
      write(value, digits);
      put(value, "class", digits.length > 5 ? "value tight" : "value");
      const isOpen = state.tab === "neuron" && state.neuron.layer === layer && state.neuron.index === index;
      const isStep = step !== null && step.layer === layer;
      put(group, "class", `neuron ${kind(layer)}${isOpen ? " open" : ""}${isStep ? " current" : ""}`);
      put(group, "aria-pressed", String(isOpen));
      const error = layer > 0 ? moment.delta(layer, index) : null;
      put(group, "aria-label", `${name}, activation ${digits}`);
      write(delta, withDeltas && error !== null ? `δ ${short(error)}` : "");
      if (!inner) write(note, noteOf(moment, layer, index));
    }
  }

  /**
   * @param {Moment} moment
   * @param {number} layer
   * @param {number} index
   */
  function noteOf(moment, layer, index) {
    if (layer === L) return `target ${short(moment.row.Y[index])}`;
    const name = names[0][index];
    const column = moment.row.columns.find((each) => each.name === name);
    return column === undefined || column.steps.length === 0 ? "" : `= ${column.raw}`;
  }

  return { element, update };
}

/**
 * @param {{ layer: number, j: number, k: number | null }} one
 * @param {{ layer: number, j: number, k: number | null }} other
 */
function same(one, other) {
  return one.layer === other.layer && one.j === other.j && one.k === other.k;
}
