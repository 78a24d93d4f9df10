/** The state of the page, with one direction of flow: actions set it, components are told, and draw it. */

/**
 * @template S
 * @param {S} initial
 * @param {(draw: () => void) => void} schedule When components are told: with the next frame of the screen, once for
 *   all changes until then.
 */
export function createStore(initial, schedule = (draw) => requestAnimationFrame(draw)) {
  let state = initial;
  let isScheduled = false;
  /** @type {((state: S) => void)[]} */
  const listeners = [];

  function tell() {
    isScheduled = false;
    for (const listener of listeners) listener(state);
  }

  return {
    get state() {
      return state;
    },
    /** @param {Partial<S>} changes */
    set(changes) {
      state = { ...state, ...changes };
      if (!isScheduled) {
        isScheduled = true;
        schedule(tell);
      }
    },
    /** @param {(state: S) => void} listener */
    subscribe(listener) {
      listeners.push(listener);
      listener(state);
    },
  };
}
