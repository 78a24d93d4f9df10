/** Asks the server again when what is shown has moved on. */

/** @import { LiveState } from "#page/live.js" */

const AGAIN = 1000; // milliseconds between two questions while training goes on
const REST = 250; // that a reader who looks back rests at a moment; by then the server has been sent there

/**
 * A question about something in the shown moment. It is asked again when the moment or an edited weight changes; while
 * training goes on at most once a second, and of earlier moments where the reader rests, so that answers never queue.
 */
export function question() {
  let asked = "";
  let askedAbout = "";
  let askedAt = 0;
  let isWaiting = false;
  let timer = 0;
  let next = "";

  /**
   * @param {LiveState} state
   * @param {string} about What is asked about; anything else is asked at once.
   * @param {() => Promise<boolean>} ask
   */
  return async ({ moment, status, edits, model, sought }, about, ask) => {
    if (moment === null || model === null) return;
    const { epoch, step } = moment.frame;
    const key = [about, model.n_parameters, model.record.sizes, epoch, step, edits.map(String)].join();
    if (key === next) return;
    clearTimeout(timer);
    next = "";
    if (key === asked || isWaiting) return;
    if (sought === null) {
      const isSoon = performance.now() - askedAt < AGAIN;
      if (about === askedAbout && status.state === "training" && isSoon) return;
      await send();
    } else {
      next = key;
      timer = window.setTimeout(send, REST);
    }

    async function send() {
      next = "";
      asked = key;
      askedAbout = about;
      askedAt = performance.now();
      isWaiting = true;
      await ask();
      isWaiting = false;
    }
  };
}
