/** A Boolean function, learned until no row is wrong. */

import { curve } from "#page/lessons/seen.js";

/** @import { Lesson, Scenery, Seen } from "#page/lessons/lesson.js" */

/** @type {Scenery} */
const scenery = { example: "boolean" };

/**
 * The last column of the truth table, without its name.
 * @param {Seen} seen
 */
const values = ({ data }) => data?.truth_table?.slice(1).map((row) => row[row.length - 1]) ?? null;

/**
 * The rows that the network gets wrong now; null if that is unknown.
 * @param {Seen} seen
 */
function mistakes(seen) {
  const last = curve(seen, "metric").at(-1);
  return last === undefined || seen.data === null ? null : Math.round((1 - last.y) * seen.data.n_rows);
}

/** @type {Lesson} */
export const truthTable = {
  name: "truth-table",
  title: "A truth table, learned",
  words: "A network learns the Boolean function F = xy + not z from its eight rows.",
  steps: [
    {
      title: "The table",
      scenery,
      words: () => [
        "F = xy + not z is true where x and y are both true, or where z is false, or both. The panel Data shows its truth table: eight rows, one for each combination of x, y and z. 1 is true, 0 is false.",
      ],
      tasks: [
        {
          kind: "number",
          name: "true",
          label: "In how many of the eight rows is F true?",
          answer: (seen) => values(seen)?.filter((value) => value === "1").length ?? null,
          within: 0,
          mistakes: [
            {
              value: (seen) => values(seen)?.filter((value) => value === "0").length ?? NaN,
              hint: "Those are the rows in which F is false. Count the others.",
            },
            {
              value: () => 4,
              hint: "Four rows have a false z, and F is true in all of them. In which other row are x and y both true?",
            },
            {
              value: () => 6,
              hint: "One row has both a false z and a true xy. Count it once.",
            },
          ],
          hint: "Count the ones in the last column of the table.",
          praise: () => "Right. A network that always says “true” would be right that often, and has learned nothing.",
        },
      ],
    },
    {
      title: "Training",
      scenery: { ...scenery, start: true },
      words: () => [
        "The network starts with random weights, so its first answers are random, too. Nobody tells it the rule. It only sees the eight rows with their targets, and moves its weights down the slope of the cost.",
        "The curve “accuracy” in the panel Train is the share of rows that it gets right.",
      ],
      tasks: [
        {
          kind: "deed",
          name: "learned",
          label: "Train until no row is wrong.",
          isDone: (seen) => mistakes(seen) === 0,
          hint: (seen) => {
            const wrong = mistakes(seen);
            if (wrong === null) return "Press play below the picture.";
            const stopped =
              seen.status.state === "finished" ? " If it has stopped learning, build it again with another seed." : "";
            return `${wrong} of the ${seen.data?.n_rows} rows ${wrong === 1 ? "is" : "are"} wrong.${stopped}`;
          },
          praise: (seen) => `All ${seen.data?.n_rows} rows are right: the truth table is learned without a mistake.`,
        },
      ],
    },
    {
      title: "Learned, or memorized?",
      scenery,
      words: () => [
        "Look at the outputs of some rows: choose them above the cards. They are near 0 and 1, which a sigmoid never reaches. An answer counts as true from 0.5 on.",
      ],
      tasks: [
        {
          kind: "choice",
          name: "generalizes",
          label: "What does this success prove?",
          choices: [
            {
              name: "rule",
              words: "The network has understood the rule.",
              comment: "Perhaps, but this does not show it: it was asked only about rows that it had learned.",
            },
            {
              name: "memory",
              words: "It can store these eight rows.",
              comment:
                "Right. There are no other rows, so nothing shows whether it would answer new ones. That takes rows that were held out, as in the last lesson.",
            },
            {
              name: "nothing",
              words: "Nothing: eight of eight can be luck.",
              comment:
                "Eight coin tosses are all right once in 256 times. And the cost fell all the time. It is no luck.",
            },
          ],
          answer: ({ model }) => (model === null ? null : model.n_validation === 0 ? "memory" : "rule"),
        },
      ],
    },
  ],
};
