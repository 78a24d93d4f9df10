/** How far an output is from its target, as one number. */

import { ofMoment } from "#page/lessons/seen.js";
import { number, significant } from "#page/numbers.js";

/** @import { Lesson, Scenery } from "#page/lessons/lesson.js" */

/** @type {Scenery} */
const scenery = { example: "three-three-one", start: true, card: "steps" };

/** @type {Lesson} */
export const theError = {
  name: "the-error",
  title: "The error",
  words: "A network is judged by one number: how far its output is from the target.",
  steps: [
    {
      title: "What it answers",
      scenery,
      words: ({ moment }) => [
        "The three activations travel on to the output neuron, which adds them up with its own weights and passes the sum through the sigmoid. What comes out is the network's answer for this row, its prediction.",
        `The target, the right answer, is ${moment === null ? "0" : moment.row.target}.`,
      ],
      tasks: [
        {
          kind: "number",
          name: "output",
          label: "Read the output off the page; two digits are enough",
          answer: ofMoment((moment) => moment.a(2, 0)),
          within: 0.005,
          mistakes: [
            {
              value: ({ moment }) => moment?.z(2, 0) ?? NaN,
              hint: "That is the output neuron's sum z. The output is σ of it.",
            },
            { value: ({ moment }) => moment?.row.Y[0] ?? NaN, hint: "That is the target, what the output should be." },
          ],
          hint: "It stands inside the circle on the right.",
          praise: ({ moment }) => (moment === null ? "" : `Right. With more digits it is ${number(moment.a(2, 0))}.`),
        },
      ],
    },
    {
      title: "Half the square",
      scenery,
      words: () => [
        "The half squared error is E = ½ (target − output)². The square makes both directions count, and makes large errors count more. The ½ only makes the derivative simple.",
        "Compute it for this row. The output rounded to two digits, 0.77, will do.",
      ],
      tasks: [
        {
          kind: "number",
          name: "error",
          label: "E",
          answer: ofMoment((moment) => moment.cost),
          within: 0.001,
          mistakes: [
            {
              value: ({ moment }) => 2 * (moment?.cost ?? NaN),
              hint: "That is the whole square. Half of it is asked for.",
            },
            {
              value: ({ moment }) => (moment === null ? NaN : Math.abs(moment.row.Y[0] - moment.a(2, 0)) / 2),
              hint: "The difference is not squared yet: multiply 0.77 by itself, then take half.",
            },
            {
              value: ({ moment }) => (moment === null ? NaN : moment.a(2, 0) - moment.row.Y[0]),
              hint: "That is the difference. Square it and take half.",
            },
          ],
          hint: "Target minus output is −0.77. Square it, then take half.",
          praise: ({ moment }) => {
            if (moment === null) return "";
            const rounded = 0.5 * (moment.row.Y[0] - Number(moment.a(2, 0).toFixed(2))) ** 2;
            return `Right. With the output rounded to 0.77 it is ${significant(rounded, 5)}, with all digits ${number(moment.cost)}, which is what the page shows.`;
          },
        },
      ],
    },
  ],
};
