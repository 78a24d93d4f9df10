/** The chain rule: three factors make a gradient. */

import { ofMoment } from "#page/lessons/seen.js";
import { number } from "#page/numbers.js";
import { derivative, step } from "#page/working.js";

/**
 * @import { Lesson, Scenery } from "#page/lessons/lesson.js"
 * @import { Connection } from "#page/recording.js"
 */

/** The weight 0.3 from hidden neuron 1 to the output. */
const connection = /** @type {Connection} */ ({ layer: 2, j: 0, k: 0 });
/** @type {Scenery} */
const scenery = { example: "three-three-one", start: true, card: "steps" };

/** @type {Lesson} */
export const blame = {
  name: "blame",
  title: "Who is to blame",
  words: "The error goes back through the network, and each weight gets its share.",
  steps: [
    {
      title: "Three factors",
      scenery,
      words: ({ moment }) => [
        `How does the error change if the weight ${moment === null ? "0.3" : number(moment.weight(connection))} from hidden neuron 1 to the output grows a little? The weight changes the sum z, the sum changes the output o, the output changes the error E. The chain rule multiplies the three slopes:`,
        "∂E/∂w = ∂E/∂o · ∂o/∂z · ∂z/∂w",
        "For the half squared error the first slope is o − t, output minus target. For the sigmoid the second is o (1 − o). The third is the activation that the weight carries.",
      ],
      tasks: [
        {
          kind: "number",
          name: "difference",
          label: "∂E/∂o = o − t",
          answer: ofMoment((moment) => moment.dE_da(2, 0)),
          within: 0.005,
          hint: "The output is 0.77, the target 0. It is output minus target here.",
          praise: ({ moment }) => (moment === null ? "" : `Right: ${number(moment.dE_da(2, 0))}.`),
        },
        {
          kind: "number",
          name: "slope",
          label: "∂o/∂z = o (1 − o)",
          answer: ofMoment((moment) => derivative(moment, 2, 0)?.da_dz ?? NaN),
          within: 0.003,
          mistakes: [
            {
              value: ({ moment }) => 1 - (moment?.a(2, 0) ?? NaN),
              hint: "That is 1 − o. Multiply it by o.",
            },
          ],
          hint: "Multiply 0.77 by 1 − 0.77 = 0.23.",
          praise: ({ moment }) => (moment === null ? "" : `Right: ${number(derivative(moment, 2, 0)?.da_dz ?? NaN)}.`),
        },
        {
          kind: "number",
          name: "carried",
          label: "∂z/∂w, the activation of hidden neuron 1",
          answer: ofMoment((moment) => moment.a(1, 0)),
          within: 0.005,
          mistakes: [
            {
              value: ({ moment }) => moment?.weight(connection) ?? NaN,
              hint: "That is the weight. z = w·a + ..., so its slope by w is a.",
            },
          ],
          hint: "It stands in the circle of hidden neuron 1; you computed it as σ(1).",
          praise: ({ moment }) => (moment === null ? "" : `Right: ${number(moment.a(1, 0))}.`),
        },
      ],
    },
    {
      title: "The gradient",
      scenery,
      words: () => [
        "The product of the three is the gradient: how much the error grows if the weight grows by 1, for a small change. Keep at least three digits of each factor.",
      ],
      tasks: [
        {
          kind: "number",
          name: "gradient",
          label: "∂E/∂w",
          answer: ofMoment((moment) => step(moment, connection).gradient),
          within: 0.001,
          mistakes: [
            {
              value: ({ moment }) => moment?.delta(2, 0) ?? NaN,
              hint: "That is the product of the first two, the neuron's error signal. Multiply it by the activation 0.731.",
            },
            {
              value: ({ moment }) => (moment === null ? NaN : moment.dE_da(2, 0) * moment.a(1, 0)),
              hint: "The slope of the sigmoid, 0.176, is missing.",
            },
          ],
          hint: "0.771 · 0.176 · 0.731: multiply the first two, then the result by the third.",
          praise: ({ moment }) =>
            moment === null
              ? ""
              : `Right: ${number(step(moment, connection).gradient)}. Tutorials that round it have 0.1.`,
        },
      ],
    },
    {
      title: "Who gets most",
      scenery: { ...scenery, card: connection },
      words: () => [
        "The card of the connection shows the same three factors. The first two belong to the output neuron; their product is its error signal δ. They are the same for all three weights into it. Only the third factor differs.",
        "Switch “error signals” on below the picture: the blame of the output goes back along its connections to the hidden neurons.",
      ],
      tasks: [
        {
          kind: "choice",
          name: "most",
          label: "Which of the three weights into the output has the largest gradient?",
          choices: [
            {
              name: "0",
              words: "the one from hidden neuron 1, weight 0.3",
              comment:
                "Right: hidden neuron 1 is the most active one. Of all weights into a neuron, the one from the most active neuron before it gets the largest share.",
            },
            {
              name: "1",
              words: "the one from hidden neuron 2, weight 0.5",
              comment:
                "The gradient is δ times the activation that the weight carries. Hidden neuron 2 is not the most active one.",
            },
            {
              name: "2",
              words: "the one from hidden neuron 3, weight 0.9",
              comment:
                "The size of the weight itself does not matter here: the gradient is δ times the activation that it carries.",
            },
          ],
          answer: ofMoment((moment) => {
            const shares = [0, 1, 2].map((k) => Math.abs(step(moment, { layer: 2, j: 0, k }).gradient));
            return String(shares.indexOf(Math.max(...shares)));
          }),
        },
      ],
    },
  ],
};
