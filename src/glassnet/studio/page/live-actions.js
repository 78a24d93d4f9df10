/** Everything that a reader can do on the live page. Panels and components call these and never touch the state. */

import { choosing } from "#page/actions.js";
import { Refusal } from "#page/connection.js";
import { h } from "#page/dom.js";

/**
 * @import { Command, connect } from "#page/connection.js"
 * @import { LiveState, Options, PanelName, Place, Source } from "#page/live.js"
 * @import { DataCard, Fix, HiddenLayer, Setup } from "#page/messages.js"
 * @import { Picture } from "#page/recording.js"
 */

/**
 * @typedef {ReturnType<typeof liveActionsOn>} LiveActions
 * @typedef {{ readonly state: LiveState, set(changes: Partial<LiveState>): void }} LiveStore
 */

const RELEASED = 60_000; // milliseconds after which the browser has certainly begun to save a file
const PAUSE = 150; // milliseconds that the slider rests before the exact numbers are asked for, or a setup is built

/**
 * @param {LiveStore} store
 * @param {ReturnType<typeof connect>} connection
 */
export function liveActionsOn(store, connection) {
  /**
   * Ask for something; a refusal is told at its place. Resolves to whether it was done.
   * @param {Place} place
   * @param {() => Promise<void>} work
   */
  async function ask(place, work) {
    store.set({
      busy: { ...store.state.busy, [place]: true },
      refused: { ...store.state.refused, [place]: undefined },
    });
    try {
      await work();
      return true;
    } catch (reason) {
      if (!(reason instanceof Refusal)) throw reason;
      store.set({ refused: { ...store.state.refused, [place]: reason.message } });
      return false;
    } finally {
      store.set({ busy: { ...store.state.busy, [place]: false } });
    }
  }

  /**
   * @param {Place} place
   * @param {Command} command
   */
  const send = (place, command) => ask(place, () => connection.send(command));

  /** @param {Source} source */
  async function open(source) {
    const isOpen = await ask("data", async () => {
      if (source.kind === "example") {
        return connection.send({ type: "open_example", name: source.name, expression: source.expression });
      }
      store.set({ sent: 0 });
      try {
        const upload = await connection.upload(source.file, (sent) => store.set({ sent }));
        await connection.send({ type: "open_upload", upload });
      } finally {
        store.set({ sent: null });
      }
    });
    if (isOpen) store.set({ source, refused: {}, notice: "" });
    return isOpen;
  }

  let timer = 0;
  let isSeeking = false;

  /** Ask for the moment that was sought last, one question at a time. */
  async function seek() {
    if (isSeeking || store.state.sought === null) return;
    isSeeking = true;
    const { sought } = store.state;
    await send("train", { type: "seek", ...sought });
    isSeeking = false;
    const now = store.state.sought;
    if (now !== null && (now.epoch !== sought.epoch || now.step !== sought.step)) await seek();
  }

  /**
   * Show a moment that has been: at once as far as it was kept, and with all digits when the reader rests there.
   * @param {number} epoch
   */
  function lookBack(epoch) {
    const { reel, row, status } = store.state;
    const near = row === null ? null : reel.nearest(epoch, row.index);
    const step = epoch >= status.epoch ? status.step : 0;
    store.set({ follows: false, sought: { epoch, step }, ...(near === null ? {} : { moment: near }) });
    clearTimeout(timer);
    timer = window.setTimeout(seek, near === null ? 0 : PAUSE);
  }

  /** The last build, which may be under way: what follows it, such as training, is not pressed in vain. */
  let underWay = Promise.resolve(true);

  /** @param {Setup} setup */
  const build = (setup) => {
    const { draft } = store.state;
    underWay = send("build", { type: "build", setup }).then((isBuilt) => {
      if (isBuilt && store.state.draft === draft) store.set({ draft: null });
      return isBuilt;
    });
    return underWay;
  };

  let building = 0;

  /** Build what was planned and waits for its pause, and wait for what is being built. */
  const built = () => {
    clearTimeout(building);
    const { draft } = store.state;
    const isPlanned = building !== 0 && draft !== null;
    building = 0;
    return isPlanned ? build(draft) : store.state.busy.build === true ? underWay : Promise.resolve(true);
  };

  /**
   * Train, and see what happens; after what was planned has been built.
   * @param {Command} command
   */
  const train = async (command) => {
    if (!(await built())) return false;
    store.set({ follows: true, sought: null });
    return send("train", command);
  };

  const actions = {
    ...choosing(store, () => /** @type {Picture} */ (store.state.model?.record)),

    /** What the page knows at this moment, which its panels may not have drawn yet. */
    now: () => store.state,

    /** @param {PanelName} panel */
    go: (panel) => store.set({ panel }),

    /**
     * @param {{ name: string, title: string }} example
     * @param {string | null} expression
     */
    openExample: ({ name, title }, expression = null) => open({ kind: "example", name, title, expression }),
    /** @param {File} file */
    openFile: (file) => open({ kind: "file", file, title: file.name }),
    /** Open again what was open in a session that has gone. */
    openAgain: () => (store.state.source === null ? Promise.resolve(false) : open(store.state.source)),
    connectAgain: () => connection.again(),
    dismiss: () => store.set({ notice: "" }),

    /**
     * @param {string} target
     * @param {string[] | null} columns
     * @param {DataCard["chosen_task"]} task
     */
    choose: (target, columns, task) => send("columns", { type: "choose", target, columns, task }),

    /**
     * Change the setup. A network that has not been trained is built anew at once; a trained one is not thrown away
     * without a word, so the change waits for `build`.
     * @param {Partial<Setup>} changes
     */
    plan: (changes) => {
      const { model, draft, status } = store.state;
      const setup = draft ?? model?.setup;
      if (setup === null || setup === undefined) return;
      const changed = { ...setup, ...changes };
      const isAsBuilt = JSON.stringify(changed) === JSON.stringify(model?.setup);
      store.set({ draft: isAsBuilt ? null : changed });
      clearTimeout(building);
      building = isAsBuilt || status.state !== "ready" ? 0 : window.setTimeout(built, PAUSE);
    },
    /**
     * @param {number} place
     * @param {HiddenLayer | null} layer Null removes it; a place behind the last adds it.
     */
    planLayer: (place, layer) => {
      const hidden = [...((store.state.draft ?? store.state.model?.setup)?.hidden ?? [])];
      hidden.splice(place, 1, ...(layer === null ? [] : [layer]));
      actions.plan({ hidden });
    },
    build: () => (store.state.draft === null ? Promise.resolve(true) : build(store.state.draft)),
    /**
     * Build at once, with some settings changed.
     * @param {Partial<Setup>} changes
     */
    buildWith: (changes) => {
      const setup = store.state.model?.setup ?? null;
      return setup === null ? Promise.resolve(false) : build({ ...setup, ...changes });
    },
    /**
     * Build with the settings of a fix, and train from the start; what was before can be had again.
     * @param {Fix} fix
     */
    tryFix: async ({ words, changes }) => {
      const { model, status } = store.state;
      const before = model?.setup ?? null;
      if (before === null) return false;
      actions.discard();
      if (!(await build({ ...before, .../** @type {Partial<Setup>} */ (changes) }))) {
        actions.go("build");
        return false;
      }
      store.set({ tried: { words, before, epoch: status.epoch } });
      actions.go("train");
      return actions.play();
    },
    /** Build again what was before the fix, and train it as far as it was. */
    undoFix: async () => {
      const { tried } = store.state;
      if (tried === null || !(await build(tried.before))) return false;
      return tried.epoch > 0 ? actions.play(tried.epoch) : true;
    },
    /** @param {Setup} setup */
    buildAs: (setup) => build(setup),
    discard: () => {
      clearTimeout(building);
      building = 0;
      store.set({ draft: null, refused: { ...store.state.refused, build: undefined } });
    },

    /** @param {number | null} until An epoch to stop at. */
    play: (until = null) => train({ type: "play", until, pace: store.state.pace }),
    pause: () => send("train", { type: "pause" }),
    step: () => train({ type: "step" }),
    epoch: () => train({ type: "epoch" }),
    reset: () => train({ type: "reset" }),
    /**
     * Epochs per second at most, also of the training that goes on.
     * @param {number | null} pace
     */
    setPace: (pace) => {
      store.set({ pace });
      return store.state.status.state === "training" ? actions.play() : Promise.resolve(true);
    },

    lookBack,
    /** Show where training stands. */
    follow: () => {
      const { status, reel, row, moment } = store.state;
      const { epoch, step } = status;
      clearTimeout(timer);
      const newest = reel.kept.findLast((kept) => kept.row.index === row?.index);
      store.set({ follows: true, sought: null, moment: newest ?? moment });
      return send("train", { type: "seek", epoch, step });
    },
    /** @param {string} condition */
    find: async (condition) => {
      store.set({ sought: null });
      const isFound = await send("find", { type: "find", condition });
      if (isFound) store.set({ follows: false });
      return isFound;
    },

    /** @param {number} row Its number in the table. */
    look: (row) => send("row", { type: "look", row }),
    /**
     * @param {number} layer
     * @param {number} j
     * @param {number | null} k
     * @param {number} value
     */
    setWeight: (layer, j, k, value) => send("weight", { type: "set_weight", layer, j, k, value }),
    restore: () => send("weight", { type: "restore" }),
    /**
     * @param {number} layer
     * @param {number} index
     */
    showNeuron: (layer, index) => send("neuron", { type: "show_neuron", layer, index }),
    /** Ask for the numbers of all neurons over the rows. */
    measure: () => send("measure", { type: "show_view", view: "neurons" }),
    /** @param {string} view The one that is open in Understand. */
    openView: (view) =>
      store.set({
        viewing: { ...store.state.viewing, view },
        refused: { ...store.state.refused, understand: undefined },
      }),
    /**
     * @param {string} view
     * @param {string} name
     * @param {string | number | null} value
     */
    setViewOption: (view, name, value) => {
      const { viewing } = store.state;
      const options = { ...viewing.options[view], [name]: value };
      store.set({ viewing: { ...viewing, options: { ...viewing.options, [view]: options } } });
    },
    /** @param {boolean} follows */
    followTraining: (follows) => store.set({ viewing: { ...store.state.viewing, follows } }),
    /**
     * @param {string} view
     * @param {Options} options
     */
    showView: (view, options) => send("understand", { type: "show_view", view, options }),
    /** @param {Record<string, string | number | boolean | null>} values */
    whatIf: (values) => send("what-if", { type: "what_if", values }),
    /**
     * Save something as a file. Resolves to whether it was saved.
     * @param {string} kind
     */
    save: (kind) =>
      ask("take-away", async () => {
        const { name, content } = await connection.download(kind);
        const href = URL.createObjectURL(content);
        h("a", { href, download: name }).click();
        setTimeout(() => URL.revokeObjectURL(href), RELEASED);
      }),
    /**
     * The text of a program; null if it was refused.
     * @param {string} kind
     */
    program: async (kind) => {
      let text = null;
      await ask("program", async () => {
        text = await (await connection.download(kind)).content.text();
      });
      return /** @type {string | null} */ (text);
    },
  };
  return actions;
}
