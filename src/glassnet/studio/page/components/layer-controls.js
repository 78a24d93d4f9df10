/** Building on the picture: at each hidden layer fewer and more neurons, its activation, its end; between them new ones. */

import { primary, refusal } from "#page/components/told.js";
import { h, put, replaceIn } from "#page/dom.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { LiveState } from "#page/live.js"
 * @import { HiddenLayer } from "#page/messages.js"
 * @import { Picture } from "#page/recording.js"
 */

const [MOST_LAYERS, MOST_NEURONS] = [32, 4096];
const ROOM = 170; // pixels from layer to layer that the controls of both need

/** @param {LiveActions} actions */
export function layerControls(actions) {
  const layers = h("div", { class: "all-layers" });
  const build = primary("Build it", () => void actions.build());
  const discard = h("button", { type: "button", click: () => actions.discard() }, "Discard");
  const waits = h("p", { class: "waits" }, "Changed. Building it starts training anew.", build, discard);
  const trouble = refusal();
  const element = h(
    "div",
    { class: "layer-controls", role: "group", "aria-label": "layers" },
    layers,
    waits,
    trouble.element,
  );
  /** @type {HiddenLayer[]} */
  let hidden = [];
  let shown = "";
  /** @type {string[]} */
  let names = [];
  /** @type {LiveState["model"]} */
  let of = null;

  /** @param {HiddenLayer[]} changed */
  const plan = (changed) => actions.plan({ hidden: changed });

  /**
   * @param {number} place
   * @param {Partial<HiddenLayer>} changes
   */
  const change = (place, changes) =>
    plan(hidden.map((layer, each) => (each === place ? { ...layer, ...changes } : layer)));

  /**
   * A new layer before the one at a place.
   * @param {number} place
   */
  function insertion(place) {
    const like = hidden[Math.min(place, hidden.length - 1)];
    const isFull = hidden.length >= MOST_LAYERS;
    const words =
      hidden.length === 0
        ? "add a hidden layer"
        : place === hidden.length
          ? "add a layer before the outputs"
          : `add a layer before hidden layer ${place + 1}`;
    return h(
      "button",
      {
        type: "button",
        class: "insert",
        "data-key": `insert-${place}`,
        title: words,
        "aria-label": words,
        disabled: isFull,
        click: () =>
          plan(hidden.toSpliced(place, 0, { size: like?.size ?? 4, activation: like?.activation ?? names[0] })),
      },
      "+ layer",
    );
  }

  /**
   * @param {HiddenLayer} layer
   * @param {number} place
   */
  function controls({ size, activation }, place) {
    const name = `hidden layer ${place + 1}`;
    const choice = h(
      "select",
      {
        "data-key": `activation-${place}`,
        "aria-label": `activation of ${name}`,
        change: () => change(place, { activation: choice.value }),
      },
      ...[...new Set([...names, activation])].map((each) => h("option", { value: each }, each)),
    );
    choice.value = activation;
    /**
     * @param {string} sign
     * @param {string} words
     * @param {string} key
     * @param {boolean} disabled
     * @param {() => void} click
     */
    const button = (sign, words, key, disabled, click) =>
      h(
        "button",
        { type: "button", "data-key": `${key}-${place}`, title: words, "aria-label": words, disabled, click },
        sign,
      );
    return h(
      "div",
      { class: "at-layer", role: "group", "aria-label": name },
      h(
        "div",
        { class: "buttons" },
        button("−", `one neuron fewer in ${name}`, "fewer", size <= 1, () => change(place, { size: size - 1 })),
        h("output", {}, String(size)),
        button("+", `one more neuron in ${name}`, "more", size >= MOST_NEURONS, () =>
          change(place, { size: size + 1 }),
        ),
        button("×", `remove ${name}`, "remove", false, () => plan(hidden.toSpliced(place, 1))),
      ),
      choice,
    );
  }

  function draw() {
    replaceIn(
      layers,
      ...hidden.flatMap((layer, place) => [insertion(place), controls(layer, place)]),
      insertion(hidden.length),
    );
  }

  /**
   * Put the controls below their columns where there is room, else in a row.
   * @param {Picture} picture
   * @param {SVGSVGElement} drawing
   */
  function align(picture, drawing) {
    const places = picture.scene.layers.map(
      (_, l) => picture.scene.neurons.find(({ layer }) => layer === l)?.at[0] ?? 0,
    );
    const matrix = drawing.getScreenCTM();
    const left = element.getBoundingClientRect().left;
    const xs = places.map((x) => (matrix === null ? 0 : matrix.a * x + matrix.e - left));
    const pitch = Math.min(...xs.slice(1).map((x, l) => x - xs[l]));
    const isAligned = hidden.length > 0 && hidden.length === xs.length - 2 && pitch >= ROOM;
    put(layers, "class", isAligned ? "all-layers aligned" : "all-layers");
    [...layers.children].forEach((child, place) => {
      const l = (place + 1) / 2; // a layer, or between two
      const x = (xs[Math.floor(l)] + xs[Math.ceil(l)]) / 2;
      /** @type {HTMLElement} */ (child).style.left = isAligned ? `${x.toFixed(0)}px` : "";
    });
  }

  return {
    element,
    align,
    /**
     * Returns whether the controls have changed and have to be aligned.
     * @param {LiveState} state
     */
    update({ model, draft, hello, status, refused, panel }) {
      const setup = draft ?? model?.setup ?? null;
      element.hidden = setup === null;
      if (setup === null) return false;
      names = hello?.controls.find(({ field }) => field === "activation")?.choices.map(({ name }) => name) ?? [];
      const now = JSON.stringify([setup.hidden, names]);
      const hasChanged = now !== shown || model !== of;
      if (now !== shown) {
        shown = now;
        hidden = setup.hidden;
        draw();
      }
      of = model;
      waits.hidden = draft === null || status.state === "ready" || panel === "build"; // which asks the same
      trouble.update(refused.build);
      return hasChanged;
    },
  };
}
