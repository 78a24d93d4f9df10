/** Gradient descent: one step, and then many. */

import { hasMoved, ofMoment } from "#page/lessons/seen.js";
import { number } from "#page/numbers.js";
import { step } from "#page/working.js";

/**
 * @import { Lesson, Scenery } from "#page/lessons/lesson.js"
 * @import { Connection } from "#page/recording.js"
 */

const connection = /** @type {Connection} */ ({ layer: 2, j: 0, k: 0 });
/** @type {Scenery} */
const scenery = { example: "three-three-one", start: true, card: "steps" };

/** @type {Lesson} */
export const oneStep = {
  name: "one-step",
  title: "One step downhill",
  words: "Each weight moves against its gradient, and the error falls.",
  steps: [
    {
      title: "The new weight",
      scenery,
      words: ({ moment }) => [
        "The gradient is positive: if the weight grows, the error grows. So the weight has to become smaller. Gradient descent moves it against its gradient by the learning rate η: new w = old w − η · gradient.",
        moment === null
          ? "Compute the new weight."
          : `Here old w = ${number(moment.weight(connection))}, η = ${number(moment.frame.learning_rate)} and the gradient is ${number(step(moment, connection).gradient)}.`,
      ],
      tasks: [
        {
          kind: "number",
          name: "new",
          label: "The new weight",
          answer: ofMoment((moment) => step(moment, connection).after),
          within: 0.001,
          mistakes: [
            {
              value: ({ moment }) =>
                moment === null ? NaN : 2 * moment.weight(connection) - step(moment, connection).after,
              hint: "You have gone uphill: subtract η times the gradient.",
            },
            {
              value: ({ moment }) =>
                moment === null ? NaN : moment.weight(connection) - step(moment, connection).gradient,
              hint: "That is a step of the whole gradient. Multiply it by the learning rate first.",
            },
          ],
          hint: "Multiply the gradient by η, and subtract the result from the old weight.",
          praise: ({ moment }) =>
            moment === null
              ? ""
              : `Right: ${number(step(moment, connection).after)}, or .25 if the gradient is rounded to 0.1.`,
        },
      ],
    },
    {
      title: "All weights at once",
      scenery,
      words: () => [
        "Every weight takes such a step at the same time, each with its own gradient.",
        "Note the cost of the row, which stands above the cards. Then take one step with the button below the picture.",
      ],
      tasks: [
        {
          kind: "deed",
          name: "step",
          label: "Take one step.",
          isDone: hasMoved,
          hint: () => "The button “+1 step” is below the picture.",
          praise: ({ moment }) =>
            moment === null ? "" : `The weight is now ${number(moment.weight(connection))}, as you computed.`,
        },
        {
          kind: "number",
          name: "after",
          label: "What is the cost of the row now? It stands above the cards",
          answer: ofMoment((moment) => moment.cost),
          within: 0.001,
          hint: "Look for “its cost”, beside the chosen row.",
          praise: () => "Right. It has fallen a little. Many such steps are what is called training.",
        },
      ],
    },
    {
      title: "Many steps",
      scenery: { ...scenery, start: false },
      words: () => [
        "Let it train. The curve falls, steeply at first, then slowly, because near the target all slopes become small.",
      ],
      tasks: [
        {
          kind: "deed",
          name: "train",
          label: "Train until the error of the row is below 0.01.",
          isDone: ({ moment, status }) => moment !== null && status.epoch > 1 && moment.cost < 0.01,
          hint: ({ moment }) =>
            moment === null
              ? "Prepare the page first."
              : `The error of the row is ${number(moment.cost)}. Press play; “full speed” is quicker.`,
          praise: ({ moment }) =>
            moment === null ? "" : `Done: the output is ${number(moment.a(2, 0))}, close to its target.`,
        },
      ],
    },
  ],
};
