/** A weighted sum, and what an activation function makes of it. */

import { listed, ofMoment, products, weightsInto } from "#page/lessons/seen.js";
import { number } from "#page/numbers.js";

/** @import { Lesson, NumberQuestion, Scenery } from "#page/lessons/lesson.js" */

/** @type {Scenery} */
const scenery = { example: "three-three-one", start: true, card: "steps" };

/**
 * @param {number} j
 * @returns {NumberQuestion}
 */
const weightedSum = (j) => ({
  kind: "number",
  name: `z${j + 1}`,
  label: `z of hidden neuron ${j + 1}`,
  answer: ofMoment((moment) => moment.z(1, j)),
  within: 0.005,
  mistakes: [
    {
      value: ({ moment }) =>
        moment === null
          ? NaN
          : [0, 1, 2].reduce((sum, k) => sum + moment.weight({ layer: 1, j: k, k: j }) * moment.a(0, k), 0),
      hint: `Those are weights out of input ${j + 1}. Take the three weights that lead into hidden neuron ${j + 1}, one from each input.`,
    },
    {
      value: ({ moment }) => (moment === null ? NaN : weightsInto(moment, 1, j).reduce((sum, w) => sum + w, 0)),
      hint: "You have added the weights alone. Multiply each weight by its input first: a weight times 0 is 0.",
    },
    {
      value: ({ moment }) => moment?.a(1, j) ?? NaN,
      hint: "That is the activation, which comes after the sum. Here only the sum is asked for.",
    },
  ],
  hint: "Multiply each input by the weight on its connection, and add the three products.",
  praise: ({ moment }) => (moment === null ? "" : `Right: ${products(moment, 1, j)} = ${number(moment.z(1, j))}.`),
});

/** @type {Lesson} */
export const oneNeuron = {
  name: "one-neuron",
  title: "One neuron",
  words: "A neuron adds up what comes in, and passes the sum through a curve.",
  steps: [
    {
      title: "The weighted sum",
      scenery,
      words: ({ moment }) => [
        "The network on the page has three inputs, three hidden neurons and one output. Each line is a connection, and each connection has a weight. The picture names the hidden neurons 1.1, 1.2 and 1.3: layer 1, then their number.",
        moment === null
          ? "A neuron multiplies each input by its weight and adds the products."
          : `The inputs of this row are ${listed([0, 1, 2].map((k) => moment.a(0, k)))}. The weights into hidden neuron 1 are ${listed(weightsInto(moment, 1, 0))}. The neuron multiplies each input by its weight and adds the products. The sum is called z.`,
      ],
      tasks: [weightedSum(0)],
    },
    {
      title: "Its neighbors",
      scenery,
      words: ({ moment }) => [
        "The other two hidden neurons get the same inputs. Only their weights differ.",
        moment === null
          ? "Compute both sums."
          : `The weights into hidden neuron 2 are ${listed(weightsInto(moment, 1, 1))}, those into hidden neuron 3 are ${listed(weightsInto(moment, 1, 2))}.`,
      ],
      tasks: [weightedSum(1), weightedSum(2)],
    },
    {
      title: "The activation",
      scenery,
      words: ({ moment }) => [
        "A neuron does not pass its sum on as it is. An activation function turns it into the neuron's output, the activation a. Here it is the sigmoid: σ(z) = 1 / (1 + e⁻ᶻ). It is near 0 for very negative sums, near 1 for very positive ones, and 1/2 at 0.",
        `Hidden neuron 1 has z = ${moment === null ? "1" : number(moment.z(1, 0))}. Its output is σ(z); e is 2.71828.`,
      ],
      tasks: [
        {
          kind: "number",
          name: "sigma",
          label: "σ(1.0)",
          answer: ofMoment((moment) => moment.a(1, 0)),
          within: 0.005,
          mistakes: [
            {
              value: ({ moment }) => 1 - (moment?.a(1, 0) ?? NaN),
              hint: "That is σ(−1). The exponent is −z, so e⁻¹ = 0.368 stands below the fraction line.",
            },
            {
              value: ({ moment }) => moment?.z(1, 0) ?? NaN,
              hint: "That is z itself. Put it into 1 / (1 + e⁻ᶻ).",
            },
          ],
          hint: "First e⁻¹ = 1 / 2.71828 = 0.368; then add 1; then divide 1 by it.",
          praise: ({ moment }) => (moment === null ? "" : `Right: σ(1) = ${number(moment.a(1, 0))}.`),
        },
      ],
    },
    {
      title: "Compare with the page",
      scenery: { ...scenery, card: { layer: 1, index: 0 } },
      words: () => [
        "The card beside the network shows your sum, term by term, and the activation. Every neuron has such a card: choose one in the picture.",
        "The output neuron does the same as its three neighbors before it, only its inputs are their activations. Open its card.",
      ],
      tasks: [
        {
          kind: "choice",
          name: "largest",
          label: "Which product adds most to the output neuron's sum?",
          choices: [
            {
              name: "0",
              words: "that of hidden neuron 1",
              comment:
                "Hidden neuron 1 is the most active one, but its weight, 0.3, is the smallest. A product needs both.",
            },
            {
              name: "1",
              words: "that of hidden neuron 2",
              comment:
                "Its activation is that of hidden neuron 3, and its weight is smaller. Compare the products on the card.",
            },
            {
              name: "2",
              words: "that of hidden neuron 3",
              comment: "Right: it has the largest weight, and its activation is nearly that of the others.",
            },
          ],
          answer: ofMoment((moment) => {
            const terms = weightsInto(moment, 2, 0).map((weight, k) => Math.abs(weight * moment.a(1, k)));
            return String(terms.indexOf(Math.max(...terms)));
          }),
        },
      ],
    },
  ],
};
