/** Puts the page into the state that a step of a lesson speaks of. */

import { hasBegun, hasBuilt } from "#page/lessons/seen.js";

/**
 * @import { Scenery } from "#page/lessons/lesson.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/**
 * Nothing is done again that is there already, so that a trained network is kept where a step goes on with it.
 * @param {Scenery} scenery
 * @param {LiveActions} actions
 * @returns {Promise<boolean>} Whether it worked.
 */
export async function prepare({ example, setup = {}, start = false, card }, actions) {
  const { source, model } = actions.now();
  const title = actions.now().hello?.examples.find(({ name }) => name === example)?.title ?? example;
  if (source?.kind !== "example" || source.name !== example || model === null) {
    if (!(await actions.openExample({ name: example, title }))) return false;
  }
  if (!hasBuilt(setup, actions.now().model?.setup ?? null)) {
    if (!(await actions.buildWith(setup))) return false;
  } else if (start && hasBegun(actions.now())) {
    if (!(await actions.reset())) return false;
  }
  if (card === "steps") actions.goTo(0);
  else if (card !== undefined && "index" in card) actions.openNeuron(card.layer, card.index);
  else if (card !== undefined) actions.openConnection(card);
  return true;
}
