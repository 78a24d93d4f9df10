/** Asks the server again when what is shown has moved on. */

/** @import { LiveState } from "#page/live.js" */

const AGAIN = 1000; // milliseconds between two questions while training goes on

/**
 * A question about something in the shown moment. It is asked again when the moment or an edited weight changes; while
 * training goes on, at most once a second, so that answers never queue.
 */
export function question() {
  let asked = "";
  let askedAbout = "";
  let askedAt = 0;
  let isWaiting = false;

  /**
   * @param {LiveState} state
   * @param {string} about What is asked about; anything else is asked at once.
   * @param {() => Promise<boolean>} ask
   */
  return async ({ moment, status, edits, model }, about, ask) => {
    if (moment === null || model === null || isWaiting) return;
    const { epoch, step } = moment.frame;
    const key = [about, model.n_parameters, model.record.sizes, epoch, step, edits.map(String)].join();
    if (key === asked) return;
    if (about === askedAbout && status.state === "training" && performance.now() - askedAt < AGAIN) return;
    asked = key;
    askedAbout = about;
    askedAt = performance.now();
    isWaiting = true;
    await ask();
    isWaiting = false;
  };
}
