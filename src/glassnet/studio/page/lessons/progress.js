/** How far a reader has come: kept in the browser where it allows that, and in memory everywhere. */

/** @import { Lesson } from "#page/lessons/lesson.js" */

/**
 * @typedef {object} Progress
 * @property {string | null} lesson The open lesson.
 * @property {number} step Its open step.
 * @property {Record<string, true>} done The tasks that were done, as "lesson/step/task".
 */

const KEY = "glassnet.studio.lessons";
const VERSION = 1;

/** @returns {Progress} */
export const nothing = () => ({ lesson: null, step: 0, done: {} });

/**
 * Read what was kept. What is not there, unreadable, or of another version counts as nothing.
 * @param {() => Storage} storage Asking for it may already be forbidden.
 * @returns {Progress}
 */
export function load(storage) {
  try {
    const kept = JSON.parse(storage().getItem(KEY) ?? "null");
    if (kept?.version !== VERSION || typeof kept.done !== "object" || kept.done === null) return nothing();
    return {
      lesson: typeof kept.lesson === "string" ? kept.lesson : null,
      step: Number.isSafeInteger(kept.step) && kept.step >= 0 ? kept.step : 0,
      done: Object.fromEntries(Object.keys(kept.done).map((name) => [name, true])),
    };
  } catch {
    return nothing();
  }
}

/**
 * Keep it, if the browser allows it and has room.
 * @param {() => Storage} storage
 * @param {Progress} progress
 * @returns {boolean} Whether it was kept.
 */
export function save(storage, progress) {
  try {
    storage().setItem(KEY, JSON.stringify({ version: VERSION, ...progress }));
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} lesson
 * @param {number} step
 * @param {string} task
 */
export const nameOf = (lesson, step, task) => `${lesson}/${step}/${task}`;

/**
 * How many steps of a lesson are done: those whose tasks are all done.
 * @param {Lesson} lesson
 * @param {Progress} progress
 */
export const stepsDone = ({ name, steps }, { done }) =>
  steps.filter(({ tasks }, place) => tasks.every((task) => nameOf(name, place, task.name) in done)).length;

/**
 * What a reader can do with lessons; all of it is kept.
 * @param {{ readonly state: Progress, set(changes: Partial<Progress>): void }} store
 * @param {() => Storage} storage
 */
export function progressOn(store, storage) {
  /** @param {Partial<Progress>} changes */
  function set(changes) {
    store.set(changes);
    save(storage, store.state);
  }
  return {
    /**
     * @param {string | null} lesson Null shows the list.
     * @param {number} step
     */
    open: (lesson, step = 0) => set({ lesson, step }),
    /** @param {string} task Its whole name. */
    finish: (task) => {
      if (!(task in store.state.done)) set({ done: { ...store.state.done, [task]: true } });
    },
    forget: () => set(nothing()),
  };
}
