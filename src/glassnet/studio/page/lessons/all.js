/** The lessons in their order: from one neuron to overfitting. */

import { blame } from "#page/lessons/blame.js";
import { logOdds } from "#page/lessons/log-odds.js";
import { oneNeuron } from "#page/lessons/one-neuron.js";
import { oneStep } from "#page/lessons/one-step.js";
import { overfitting } from "#page/lessons/overfitting.js";
import { theError } from "#page/lessons/the-error.js";
import { threeCosts } from "#page/lessons/three-costs.js";
import { truthTable } from "#page/lessons/truth-table.js";

/** @import { Lesson } from "#page/lessons/lesson.js" */

/** @type {Lesson[]} */
export const lessons = [oneNeuron, theError, threeCosts, blame, oneStep, truthTable, logOdds, overfitting];
