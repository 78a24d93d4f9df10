/** Four errors as one number: signed, absolute, squared. */

import { hasMoved, listed, ofMoment } from "#page/lessons/seen.js";
import { number } from "#page/numbers.js";

/** @import { Lesson, NumberQuestion, Scenery, Seen } from "#page/lessons/lesson.js" */

/**
 * @param {string} loss
 * @returns {Scenery}
 */
const with_ = (loss) => ({ example: "four-outputs", setup: { loss }, start: true, card: "steps" });

/**
 * The differences target - output.
 * @param {Seen} seen
 */
const differences = ({ moment }) => (moment === null ? [] : moment.row.Y.map((target, j) => target - moment.a(1, j)));

/**
 * @param {Seen} seen
 * @param {(difference: number) => number} of
 */
const total = (seen, of) => differences(seen).reduce((sum, difference) => sum + of(difference), 0);

/**
 * @param {Pick<NumberQuestion, "name" | "label" | "hint"> & { mistakes: NonNullable<NumberQuestion["mistakes"]> }} asked
 * @returns {NumberQuestion}
 */
const sum = (asked) => ({
  kind: "number",
  ...asked,
  answer: ofMoment((moment) => moment.cost),
  within: 0.01,
  praise: ({ moment }) =>
    moment === null
      ? ""
      : `Right: ${listed(moment.row.Y.map((_, j) => moment.loss(j)))} make ${number(moment.cost)}. The card “Step through” shows the same under “cost”.`,
});

/** @type {Lesson} */
export const threeCosts = {
  name: "three-costs",
  title: "Three ways to count",
  words: "Signed, absolute or squared: how errors are added up decides what a network learns.",
  steps: [
    {
      title: "The signed error",
      scenery: with_("error"),
      words: (seen) => [
        `This network has four outputs. The targets are ${seen.moment === null ? "2, 3, 5 and 9" : listed(seen.moment.row.Y)}, the outputs ${seen.moment === null ? "1, 5, 3 and 6" : listed(seen.moment.row.Y.map((_, j) => seen.moment?.a(1, j) ?? NaN))}.`,
        "The simplest way to say how wrong all four are together: add the differences target − output, with their signs.",
      ],
      tasks: [
        sum({
          name: "signed",
          label: "The sum of the four differences",
          mistakes: [
            {
              value: (seen) => total(seen, Math.abs),
              hint: "That is the sum of the sizes. One of the four differences is negative; it counts against the others.",
            },
            { value: (seen) => -total(seen, (d) => d), hint: "That is output − target. Take target − output." },
          ],
          hint: "The first difference is 2 − 1 = 1, the second 3 − 5 = −2. Add all four.",
        }),
      ],
    },
    {
      title: "The absolute error",
      scenery: with_("absolute_error"),
      words: () => [
        "In the signed sum, one output that is too high hid one that is too low. The absolute error drops the signs: it adds |target − output|.",
      ],
      tasks: [
        sum({
          name: "absolute",
          label: "The sum of the four sizes",
          mistakes: [
            {
              value: (seen) => total(seen, (d) => d),
              hint: "That is still the signed sum. Count the −2 as 2.",
            },
          ],
          hint: "The sizes are 1, 2, 2 and one more. Add them.",
        }),
      ],
    },
    {
      title: "The squared error",
      scenery: with_("half_squared_error"),
      words: () => [
        "The half squared error adds ½ (target − output)². A difference of 3 counts nine times as much as a difference of 1. So a network that learns by it mends its large errors first.",
      ],
      tasks: [
        sum({
          name: "squared",
          label: "The sum of the four halved squares",
          mistakes: [
            { value: (seen) => total(seen, (d) => d * d), hint: "Those are whole squares. Take half of their sum." },
            {
              value: (seen) => total(seen, Math.abs),
              hint: "That is the absolute error, and also half the square of the sum. Square each difference first, then add the squares and take half.",
            },
          ],
          hint: "The squares of 1, −2, 2 and 3 are 1, 4, 4 and 9. Add them and take half.",
        }),
      ],
    },
    {
      title: "Why not the signed one?",
      scenery: with_("error"),
      words: () => [
        "Let the network learn by the signed error and see what happens. One step of gradient descent raises every output by 1, because that lowers the signed sum, whether an output was too low or too high.",
        "Take one step with the button below the picture, and look at the cost of the row, above the cards.",
      ],
      tasks: [
        {
          kind: "deed",
          name: "step",
          label: "Take one step.",
          isDone: hasMoved,
          hint: () => "The button “+1 step” is below the picture.",
          praise: ({ moment }) => (moment === null ? "" : `The cost of the row is now ${number(moment.cost)}.`),
        },
        {
          kind: "choice",
          name: "perfect",
          label: "After one step the signed error is exactly 0. Are the four outputs right?",
          choices: [
            {
              name: "all",
              words: "yes, all of them: the error is 0",
              comment:
                "Compare outputs and targets in the picture: 2, 6, 4, 7 beside 2, 3, 5, 9. Errors of opposite signs cancel.",
            },
            {
              name: "some",
              words: "no: too high and too low cancel",
              comment:
                "Right: only the first output is right. With further steps the signed error becomes −4, −8 and so on, “better than perfect”, while the outputs run away. Absolute and squared errors do not have this fault.",
            },
            {
              name: "none",
              words: "no, not one of them",
              comment: "One of them is: compare 2, 6, 4, 7 with 2, 3, 5, 9.",
            },
          ],
          answer: (seen) => {
            if (seen.moment === null) return null;
            const right = differences(seen).filter((d) => Math.abs(d) < 1e-9).length;
            return right === 0 ? "none" : right === seen.moment.row.Y.length ? "all" : "some";
          },
        },
      ],
    },
  ],
};
