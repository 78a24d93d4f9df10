/** Everything that a reader can do. Components call these and never touch the state. */

/** @import { Chosen, Connection, Measure, Picture, Recording, State, Tab } from "#page/recording.js" */

/**
 * @typedef {ReturnType<typeof choosing>} Choosing
 * @typedef {ReturnType<typeof actionsOn>} Actions
 * @typedef {{ readonly state: State, set(changes: Partial<State>): void }} Store
 */

/**
 * @param {number} value
 * @param {number} most
 */
const within = (value, most) => Math.max(0, Math.min(most, value));

/**
 * What a reader chooses to see of a network, whether it was recorded or is training.
 * @param {{ readonly state: Chosen, set(changes: Partial<Chosen>): void }} store
 * @param {() => Picture} picture The one that is shown.
 */
export function choosing(store, picture) {
  return {
    /** @param {Tab} tab */
    open: (tab) => store.set({ tab }),
    /** @param {number} step */
    goTo: (step) => store.set({ step: within(step, stepsOf(picture()).length - 1), tab: "steps" }),
    /**
     * @param {number} layer
     * @param {number} index
     */
    openNeuron: (layer, index) => store.set({ neuron: { layer, index }, tab: "neuron" }),
    /** @param {Connection} connection */
    openConnection: (connection) => store.set({ connection, tab: "connection" }),
    /** @param {boolean} deltas */
    showDeltas: (deltas) => store.set({ deltas }),
    /** @param {Measure} measure */
    colorBy: (measure) => store.set({ measure }),
  };
}

/**
 * @param {Store} store
 * @param {Recording} recording
 */
export function actionsOn(store, recording) {
  const last = recording.frames.length - 1;
  return {
    ...choosing(store, () => recording),
    /** @param {number} frame */
    show: (frame) => store.set({ frame: within(frame, last), playing: false }),
    /** @param {number} by */
    move: (by) => store.set({ frame: within(store.state.frame + by, last), playing: false }),
    /** One frame further, as the clock goes; it stops at the end. */
    tick: () => {
      const frame = within(store.state.frame + 1, last);
      store.set({ frame, playing: frame < last });
    },
    toggle: () => {
      const { playing, frame } = store.state;
      store.set({ playing: !playing && last > 0, frame: !playing && frame === last ? 0 : frame });
    },
    /** @param {number} speed */
    setSpeed: (speed) => store.set({ speed }),
    /** @param {number} row */
    chooseRow: (row) => store.set({ row: within(row, recording.rows.length - 1) }),
  };
}

/**
 * What is seen of a network at first: the steps of its row, its first output, the last drawn connection.
 * @param {Picture} picture
 * @returns {Chosen}
 */
export function firstChosen({ scene }) {
  const L = scene.layers.length - 1;
  const [{ layer, j, k }] = scene.connections.slice(-1);
  return {
    tab: "steps",
    step: 0,
    neuron: { layer: L, index: scene.layers[L].drawn[0] },
    connection: { layer, j, k },
    deltas: false,
    measure: "layer",
  };
}

/**
 * The steps of a row through the network, in their order.
 * @param {Picture} picture
 * @returns {{ kind: "inputs" | "forward" | "cost" | "backward" | "update", layer: number }[]}
 */
export function stepsOf(picture) {
  const layers = picture.layers.map((_, place) => place + 1);
  return [
    { kind: "inputs", layer: 0 },
    ...layers.map((layer) => ({ kind: /** @type {const} */ ("forward"), layer })),
    { kind: "cost", layer: layers.length },
    ...layers.toReversed().map((layer) => ({ kind: /** @type {const} */ ("backward"), layer })),
    { kind: "update", layer: layers.length },
  ];
}
