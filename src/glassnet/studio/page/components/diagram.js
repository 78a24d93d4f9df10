/** The network: places from the scene, widths, dashes and numbers from the frame and the row. */

import { stepsOf } from "#page/actions.js";
import { flows } from "#page/components/flows.js";
import { h, put, s, write } from "#page/dom.js";
import { largest, measured, MEASURES } from "#page/measures.js";
import { connectionName } from "#page/moments.js";
import { compact, count, number, short } from "#page/numbers.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { View } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen, Connection, Picture } from "#page/recording.js"
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
      write(title, `${connectionName(picture, connection)}: ${number(shown.weight(connection))}`),
    );
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const edit = s("path", { class: "edit off", d: `M${x},${y - 7}l7,7l-7,7l-7,-7z` }, s("title", {}, "set by hand"));
    return { connection, line, hit, edit };
  });

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
      },
      circle,
      value,
    );
    return { layer, index, name, group, circle, value, note, delta, inner, y };
  });

  const groups = scene.groups.map(({ layer, hidden, at: [x, y] }) => {
    const { drawn, size } = scene.layers[layer];
    const first = Array.from({ length: size }, (_, j) => j).find((j) => !drawn.includes(j)) ?? 0;
    const words = `${count(hidden)} more neurons, not drawn one by one`;
    const group = s(
      "g",
      {
        class: `group ${kind(layer)}`,
        role: "button",
        tabindex: -1,
        "data-group": layer,
        "aria-label": words,
        click: () => actions.openNeuron(layer, first),
      },
      s("title", {}, words),
      s("rect", { x: x - 26, y: y - 0.62 * scene.radius, width: 52, height: 1.24 * scene.radius, rx: 11 }),
      s("text", { x, y: y + 4, "text-anchor": "middle" }, `+${hidden}`),
    );
    return { layer, group, y };
  });

  const stops = [...neurons, ...groups].map(({ layer, group, y }) => ({ layer, y, group }));
  for (const stop of stops) stop.group.addEventListener("keydown", (event) => onKey(event, stop));

  /** @param {number} layer */
  function kind(layer) {
    return layer === 0 ? "inputs" : layer === L ? "outputs" : `hidden-${((layer - 1) % 4) + 1}`;
  }

  /**
   * Arrows move within a layer and between layers; Enter and the space bar open the card.
   * @param {KeyboardEvent} event
   * @param {(typeof stops)[0]} from
   */
  function onKey(event, from) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      from.group.dispatchEvent(new MouseEvent("click"));
      return;
    }
    const moves = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move === undefined) return;
    event.preventDefault();
    const column = stops
      .filter(({ layer }) => layer === from.layer + move[0])
      .toSorted((one, other) => one.y - other.y);
    const to = move[0]
      ? column.toSorted((one, other) => Math.abs(one.y - from.y) - Math.abs(other.y - from.y))[0]
      : column[column.indexOf(from) + move[1]];
    if (to === undefined) return;
    for (const { group } of stops) put(group, "tabindex", group === to.group ? "0" : "-1");
    to.group.focus();
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
    s("g", { class: "edits" }, ...connections.map(({ edit }) => edit)),
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
    ...groups.map(({ group }) => group),
  );
  const element = h("div", { class: "canvas" }, drawing);

  /**
   * @param {Chosen & { views?: Record<string, View> }} state
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
    const edits = moment.frame.edits ?? [];
    for (const { connection, line, edit } of connections) {
      const weight = moment.weight(connection);
      const share = Math.min(1, Math.abs(weight) / (moment.widest(connection.layer) || 1)) || 0;
      const isOpen = state.tab === "connection" && same(connection, state.connection);
      const isFaint = isOfLayer && (ofStep !== connection.layer || flowsFrom(connection.layer));
      put(line, "class", `${weight < 0 ? "negative" : "positive"}${isOpen ? " open" : ""}`);
      put(edit, "class", edits.some((each) => isOf(each, connection)) ? "edit" : "edit off");
      put(line, "stroke-width", (widths[0] + share * (widths[1] - widths[0])).toFixed(2));
      const opacity = opacities[0] + share * (opacities[1] - opacities[0]);
      put(line, "stroke-opacity", (isFaint ? FAINT * opacity : opacity).toFixed(2));
    }
    blame.update(moment, flowsFrom);
    const withDeltas = state.deltas || isBackward;
    const { words: ofMeasure, isSigned } = MEASURES.find(({ name }) => name === state.measure) ?? MEASURES[0];
    const found = neurons.map(({ layer, index }) =>
      measured(state.measure, moment, state.views?.neurons, layer, index),
    );
    const most = largest(found);
    neurons.forEach(({ layer, index, name, group, circle, value, note, delta, inner }, place) => {
      const number = found[place];
      const digits = compact(number ?? moment.a(layer, index));
      write(value, digits);
      put(value, "class", digits.length > 5 ? "value tight" : "value");
      const isOpen = state.tab === "neuron" && state.neuron.layer === layer && state.neuron.index === index;
      const isStep = step !== null && step.layer === layer;
      const tone = number === null ? "" : isSigned && number < 0 ? " measured negative" : " measured";
      if (number !== null) circle.style.setProperty("--share", `${(50 * Math.abs(number)) / most || 0}%`);
      put(group, "class", `neuron ${kind(layer)}${isOpen ? " open" : ""}${isStep ? " current" : ""}${tone}`);
      put(group, "aria-pressed", String(isOpen));
      const error = layer > 0 ? moment.delta(layer, index) : null;
      put(group, "aria-label", `${name}, ${number === null ? "activation" : ofMeasure} ${digits}`);
      write(delta, withDeltas && error !== null ? `δ ${short(error)}` : "");
      if (!inner) write(note, noteOf(moment, layer, index));
    });
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

  return { element, drawing, update };
}

/**
 * @param {[number, number, number | null]} edit
 * @param {Connection} connection
 */
const isOf = ([layer, j, k], connection) => same({ layer, j, k }, connection);

/**
 * @param {Connection} one
 * @param {Connection} other
 */
function same(one, other) {
  return one.layer === other.layer && one.j === other.j && one.k === other.k;
}
