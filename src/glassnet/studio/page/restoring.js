/** Does what a link asks for, and keeps the address of the page a link to what is shown. */

import { fragmentOf, wishedChoices, wishedSetup, wishOf } from "#page/address.js";

/**
 * @import { Wish } from "#page/address.js"
 * @import { LiveActions, LiveStore } from "#page/live-actions.js"
 * @import { LiveState } from "#page/live.js"
 */

const EVERY = 1000; // milliseconds between two changes of the address

/**
 * @param {LiveStore & { subscribe(listener: (state: LiveState) => void): void }} store
 * @param {LiveActions} actions
 */
export function keepAddress(store, actions) {
  /** @type {{ holds: (state: LiveState) => boolean, done: () => void }[]} */
  let waiting = [];
  let isRestoring = false;
  let timer = 0;

  /**
   * Resolves when something holds, at once if it does already.
   * @param {(state: LiveState) => boolean} holds
   * @returns {Promise<void>}
   */
  const until = (holds) =>
    holds(store.state) ? Promise.resolve() : new Promise((done) => waiting.push({ holds, done }));

  /**
   * Open what a link names, and go on. Whatever cannot be is told at its place, and the rest is left as it is.
   * @param {Wish} wish
   */
  async function restore(wish) {
    const { source } = wish;
    await until(({ hello }) => hello !== null);
    if (store.state.hello?.is_again) return comeBack(wish);
    if (source.kind === "example") {
      const example = store.state.hello?.examples.find(({ name }) => name === source.name);
      if (example === undefined) return store.set({ notice: "The link names an example that this studio has not." });
      if (!(await actions.openExample(example, source.expression))) return;
    } else if (store.state.data?.title !== source.title) {
      store.set({
        notice: `The link is of the file ${source.title}. Open it, and what the link shows follows.`,
        panel: "data",
      });
      await until(({ data }) => data?.title === source.title);
      store.set({ notice: "" });
    }
    await follow(wish);
  }

  /**
   * The session is the one from before a reload: what only the page knew is left to do.
   * @param {Wish} wish
   */
  async function comeBack({ source, panel, pace, chosen }) {
    if (source.kind === "example") {
      const title = store.state.hello?.examples.find(({ name }) => name === source.name)?.title ?? source.name;
      store.set({ source: { ...source, title } });
    }
    if (panel !== null) store.set({ panel });
    store.set({ pace });
    await until(({ moment }) => moment !== null);
    store.set(wishedChoices(chosen, store.state.model?.record.sizes ?? []));
  }

  /**
   * What comes after the data.
   * @param {Wish} wish
   */
  async function follow({ target, columns, task, setup, epoch, row, panel, chosen }) {
    await until(({ data }) => data !== null);
    const isOther = target !== null && store.state.data?.is_fixed === false;
    const isKnown = store.state.data?.columns.some(({ name }) => name === target) === true;
    if (isOther && isKnown && !(await actions.choose(target, columns, task))) return;
    if (panel !== null) store.set({ panel });
    await until(({ model }) => model !== null);
    const built = store.state.model?.setup ?? null;
    if (built !== null) {
      const wished = wishedSetup(built, setup);
      if (JSON.stringify(wished) !== JSON.stringify(built) && !(await actions.buildAs(wished))) return;
    }
    if (row !== null) await actions.look(row);
    await until(({ moment }) => moment !== null);
    store.set(wishedChoices(chosen, store.state.model?.record.sizes ?? []));
    if (epoch > 0 && built !== null) {
      const { pace } = store.state;
      store.set({ pace: null });
      await actions.play(epoch);
      await until(({ status }) => status.state !== "training");
      store.set({ pace });
    }
  }

  /**
   * After a session was lost, its data may be opened again; then the rest follows.
   * @param {Wish} wish
   */
  async function resume(wish) {
    await until(({ data, busy }) => data !== null && busy.data !== true);
    const { source, data } = store.state;
    const isSame =
      wish.source.kind === "example"
        ? source?.kind === "example" && source.name === wish.source.name
        : data?.title === wish.source.title;
    if (isSame) await follow(wish);
  }

  /** @param {Promise<void>} work */
  function restoring(work) {
    isRestoring = true;
    void work.finally(() => {
      isRestoring = false;
      write();
    });
  }

  function write() {
    timer = 0;
    if (store.state.model === null) return;
    const fragment = fragmentOf(store.state);
    if (fragment !== "" && `#${fragment}` !== location.hash) history.replaceState(null, "", `#${fragment}`);
  }

  const first = wishOf(location.hash);
  if (first !== null) restoring(restore(first));
  let session = "";
  store.subscribe((state) => {
    const ready = waiting.filter(({ holds }) => holds(state));
    waiting = waiting.filter((each) => !ready.includes(each));
    for (const { done } of ready) done();
    const now = state.hello?.session ?? session;
    const wish = session === "" || now === session || isRestoring ? null : wishOf(location.hash);
    session = now;
    if (wish !== null) restoring(resume(wish));
    if (!isRestoring && timer === 0) timer = window.setTimeout(write, EVERY);
  });
}
