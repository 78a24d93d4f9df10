/** Plays: one frame further as often as the chosen speed says, and never more often than the screen is drawn. */

/**
 * @import { Actions, Store } from "#page/actions.js"
 * @import { State } from "#page/recording.js"
 */

/**
 * @param {Store & { subscribe(listener: (state: State) => void): void }} store
 * @param {Actions} actions
 */
export function runClock(store, actions) {
  let isRunning = false;
  let last = 0;

  /** @param {number} now */
  function beat(now) {
    const { playing, speed } = store.state;
    if (!playing) {
      isRunning = false;
      return;
    }
    if (now - last >= 1000 / speed) {
      last = now;
      actions.tick();
    }
    requestAnimationFrame(beat);
  }

  store.subscribe((state) => {
    if (!state.playing || isRunning) return;
    isRunning = true;
    last = performance.now();
    requestAnimationFrame(beat);
  });
}
