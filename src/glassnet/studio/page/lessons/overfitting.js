/** A network that memorizes its rows, and its cure. */

import { curve } from "#page/lessons/seen.js";
import { number } from "#page/numbers.js";

/** @import { Lesson, Scenery, Seen } from "#page/lessons/lesson.js" */

/** @type {Scenery} */
const scenery = { example: "patients" };
const UNCURED = { alpha: 0, dropout: 0, n_iter_no_change: null };
const RISEN = 1.2; // relative to the lowest point: overfitted
const CURED = 1.05;

/**
 * The lowest point of the validation curve, and its last one; null before there are any.
 * @param {Seen} seen
 */
function validation(seen) {
  const points = curve(seen, "validation_cost");
  if (points.length < 2) return null;
  const lowest = points.reduce((best, point) => (point.y < best.y ? point : best));
  return { lowest, last: points[points.length - 1] };
}

/** @param {Seen} seen */
const hasCure = ({ model }) => {
  const setup = model?.setup ?? null;
  return setup !== null && (setup.alpha > 0 || setup.dropout > 0 || setup.n_iter_no_change !== null);
};

/** @type {Lesson} */
export const overfitting = {
  name: "overfitting",
  title: "Overfitting, and a cure",
  words: "A network can memorize its rows and know nothing about new ones.",
  steps: [
    {
      title: "Too many weights, too few rows",
      scenery: { ...scenery, setup: UNCURED, start: true },
      words: ({ model }) => [
        `Patients with diabetes: ten measurements each, and how far the disease has progressed a year later. The network learns from ${model?.n_rows ?? "few"} patients. ${model?.n_validation ?? "Some"} others are held out: it never learns from them. They form the validation set, which shows what it does with new patients.`,
        `It has ${model?.n_parameters ?? "more"} parameters, more than patients to learn from.`,
      ],
      tasks: [
        {
          kind: "deed",
          name: "overfit",
          label: "Train, and watch both curves until the validation cost has clearly risen again.",
          isDone: (seen) => {
            const found = validation(seen);
            return found !== null && found.last.y > RISEN * found.lowest.y;
          },
          hint: (seen) => {
            const found = validation(seen);
            return found === null
              ? "Press play below the picture."
              : `Lowest so far: ${number(found.lowest.y)}. Now: ${number(found.last.y)}.`;
          },
          praise: (seen) => {
            const found = validation(seen);
            return found === null
              ? ""
              : `The validation cost was ${number(found.lowest.y)} and is now ${number(found.last.y)}, while the training cost goes on falling. That is overfitting.`;
          },
        },
      ],
    },
    {
      title: "Where it went wrong",
      scenery: { ...scenery, setup: UNCURED },
      words: () => [
        "Up to some epoch, what the network learned was true of new patients as well. From then on it learned the peculiarities of its own.",
      ],
      tasks: [
        {
          kind: "number",
          name: "best",
          label: "At about which epoch was the validation cost lowest? The curves in the panel Train show it",
          answer: (seen) => validation(seen)?.lowest.x ?? null,
          within: 10,
          hint: "Look for the lowest point of the validation curve, and for the epoch below it.",
          praise: (seen) => {
            const found = validation(seen);
            return found === null ? "" : `Right: at epoch ${found.lowest.x} it was ${number(found.lowest.y)}.`;
          },
        },
      ],
    },
    {
      title: "The cure",
      scenery,
      words: () => [
        "A penalty makes large weights expensive: a weight must lower the training cost by more than it costs itself. Early stopping ends training when the validation cost has stopped falling. Dropout switches random neurons off at every step, so that none can memorize a row alone.",
        "Set one of them in the panel Build, under “More settings”: the penalty, the patience of early stopping, or the dropout. Then press “Build it”, and train again. A good start for this table is a penalty of 12.",
      ],
      tasks: [
        {
          kind: "deed",
          name: "cured",
          label: "Train to the end with a validation cost that stays near its lowest point.",
          isDone: (seen) => {
            const found = validation(seen);
            return (
              hasCure(seen) &&
              seen.status.state === "finished" &&
              found !== null &&
              found.last.y <= CURED * found.lowest.y
            );
          },
          hint: (seen) => {
            const found = validation(seen);
            if (!hasCure(seen))
              return "Set a penalty, a patience or a dropout in the panel Build, and press “Build it”.";
            if (found === null || seen.status.state !== "finished") return "Train to the end.";
            return `It was ${number(found.lowest.y)} at epoch ${found.lowest.x} and ended at ${number(found.last.y)}. Try a stronger penalty, or less patience.`;
          },
          praise: (seen) => {
            const found = validation(seen);
            return found === null
              ? ""
              : `Cured: it ends at ${number(found.last.y)}, near its lowest point ${number(found.lowest.y)}. The training cost is higher than before, on purpose.`;
          },
        },
        {
          kind: "choice",
          name: "judge",
          label: "The penalty was chosen by looking at the validation cost. Which rows may judge the final network?",
          choices: [
            {
              name: "training",
              words: "those that it learned from",
              comment: "On those, the overfitted network looked best.",
            },
            {
              name: "validation",
              words: "those of the validation set",
              comment: "They have already been used to choose the penalty, so they flatter the choice a little.",
            },
            {
              name: "others",
              words: "others, that were used for nothing so far",
              comment: "Right. Such rows are called the test set, and it is used once, at the end.",
            },
          ],
          answer: ({ model }) => (model === null ? null : "others"),
        },
      ],
    },
  ],
};
