/** One sigmoid neuron is logistic regression. */

import { hasEnded, ofMoment } from "#page/lessons/seen.js";
import { number } from "#page/numbers.js";

/** @import { Lesson, Scenery } from "#page/lessons/lesson.js" */

/** @type {Scenery} */
const scenery = { example: "tumors" };
const weight = { layer: 1, j: 0, k: 0 };

/** @type {Lesson} */
export const logOdds = {
  name: "log-odds",
  title: "Logistic regression",
  words: "A single sigmoid neuron is logistic regression, and its weight has a meaning.",
  steps: [
    {
      title: "A network of one neuron",
      scenery,
      words: () => [
        "The table has 569 tumors of the breast. The only input is how rough the outline of the cell nuclei is, scaled to mean 0 and standard deviation 1; the target is whether the tumor is malignant. There is no hidden layer: the network is one neuron, z = w·x + b, and its output σ(z) is the probability of “malignant”.",
        "Statisticians call this model logistic regression.",
      ],
      tasks: [
        {
          kind: "deed",
          name: "train",
          label: "Train it to the end.",
          isDone: hasEnded,
          hint: ({ status }) => (status.epoch === 0 ? "Press play below the picture." : `Epoch ${status.epoch}.`),
          praise: ({ moment }) =>
            moment === null
              ? ""
              : `The neuron has learned w = ${number(moment.weight(weight))} and b = ${number(moment.weight({ ...weight, k: null }))}.`,
        },
      ],
    },
    {
      title: "From z to a probability",
      scenery: { ...scenery, card: { layer: 1, index: 0 } },
      words: ({ moment }) => [
        "z can be any number. It is called the log-odds. The sigmoid turns it into a probability between 0 and 1: p = 1 / (1 + e⁻ᶻ).",
        moment === null ? "" : `For the row on the page, z is ${number(moment.z(1, 0))}.`,
      ],
      tasks: [
        {
          kind: "number",
          name: "probability",
          label: "The probability p that this tumor is malignant",
          answer: ofMoment((moment) => moment.a(1, 0)),
          within: 0.005,
          mistakes: [
            { value: ({ moment }) => 1 - (moment?.a(1, 0) ?? NaN), hint: "That is the probability of “benign”." },
            {
              value: ({ moment }) => moment?.z(1, 0) ?? NaN,
              hint: "That is z, the log-odds. The formula of a prediction must not stop there: take the sigmoid.",
            },
          ],
          hint: "Put z into 1 / (1 + e⁻ᶻ), or read the activation off the neuron's card.",
          praise: ({ moment }) => (moment === null ? "" : `Right: p = ${number(moment.a(1, 0))}.`),
        },
      ],
    },
    {
      title: "Odds",
      scenery: { ...scenery, card: { layer: 1, index: 0 } },
      words: () => [
        "Gamblers speak of odds: a probability of 3/4 means odds of 3 to 1. The odds are p / (1 − p), and their logarithm is z.",
      ],
      tasks: [
        {
          kind: "number",
          name: "odds",
          label: "The odds p / (1 − p) of this row",
          answer: ofMoment((moment) => moment.a(1, 0) / (1 - moment.a(1, 0))),
          within: 0.03,
          mistakes: [
            {
              value: ({ moment }) => (moment === null ? NaN : (1 - moment.a(1, 0)) / moment.a(1, 0)),
              hint: "Those are the odds of “benign”. Turn the fraction round.",
            },
          ],
          hint: "Divide the probability by 1 minus the probability.",
          praise: ({ moment }) =>
            moment === null
              ? ""
              : `Right: ${number(moment.a(1, 0) / (1 - moment.a(1, 0)))}, which is also e to the power of z.`,
        },
      ],
    },
    {
      title: "What the weight means",
      scenery: { ...scenery, card: weight },
      words: ({ moment }) => [
        "If the input grows by 1, z grows by w, and the odds are multiplied by eʷ, at every x. This factor is the odds ratio. The probability does not grow by a fixed amount: the sigmoid is steep in the middle and flat at its ends.",
        moment === null ? "" : `The weight is ${number(moment.weight(weight))}.`,
      ],
      tasks: [
        {
          kind: "number",
          name: "ratio",
          label: "The odds ratio eʷ",
          answer: ofMoment((moment) => Math.exp(moment.weight(weight))),
          within: 0.02,
          mistakes: [
            {
              value: ({ moment }) => moment?.weight(weight) ?? NaN,
              hint: "That is w itself. Raise e = 2.71828 to its power.",
            },
            {
              value: ({ moment }) => Math.exp(-(moment?.weight(weight) ?? NaN)),
              hint: "That is e to the power of −w.",
            },
          ],
          hint: "Raise e = 2.71828 to the power of w. Most calculators have a key eˣ.",
          praise: ({ moment }) =>
            moment === null
              ? ""
              : `Right: each standard deviation more multiplies the odds of “malignant” by ${number(Math.exp(moment.weight(weight)))}.`,
        },
      ],
    },
  ],
};
