/** What readers type, read and judged. */

import { number } from "#page/numbers.js";

/** @import { ChoiceQuestion, NumberQuestion, Seen } from "#page/lessons/lesson.js" */

/** @typedef {{ isRight: boolean, words: string }} Judgment */

const PLAIN = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;
const EXAMPLES = "0.25, .25, 0,25, 1/4 or 25%";
const UNPREPARED = "The page does not show what is asked for. Prepare it again, or go back one step.";

/**
 * A number in one of the usual notations, or null: 0.25, .25, 0,25, 2.5e-1, 1/4, 25%, with any minus sign.
 * @param {string} text
 * @returns {number | null}
 */
export function read(text) {
  const tidy = text.trim().replace(/[−–‒]/g, "-").replace(/\s+/g, "");
  if (tidy.endsWith("%")) {
    const value = plain(tidy.slice(0, -1));
    return value === null ? null : value / 100;
  }
  const [above, below, ...rest] = tidy.split("/");
  if (rest.length > 0) return null;
  if (below === undefined) return plain(above);
  const [numerator, denominator] = [plain(above), plain(below)];
  return numerator === null || denominator === null || denominator === 0 ? null : numerator / denominator;
}

/**
 * @param {string} text
 * @returns {number | null}
 */
function plain(text) {
  return PLAIN.test(text) ? Number(text.replace(",", ".")) : null;
}

/**
 * Whether two numbers agree, as far as the question asks; a hair more, because 0.1 + 0.2 is not 0.3.
 * @param {number} one
 * @param {number} other
 * @param {number} within
 */
function agree(one, other, within) {
  return Math.abs(one - other) <= within + 1e-9 * Math.max(1, Math.abs(other));
}

/**
 * @param {NumberQuestion} question
 * @param {string} text What was typed.
 * @param {Seen} seen
 * @returns {Judgment}
 */
export function judgeNumber(question, text, seen) {
  const answer = question.answer(seen);
  if (answer === null) return { isRight: false, words: UNPREPARED };
  if (text.trim() === "") return { isRight: false, words: `Type a number first. ${question.hint}` };
  const typed = read(text);
  if (typed === null)
    return { isRight: false, words: `“${text.trim()}” is not read as a number. Type it as ${EXAMPLES}.` };
  if (agree(typed, answer, question.within)) return { isRight: true, words: question.praise(seen) };
  for (const { value, hint } of question.mistakes ?? []) {
    if (agree(typed, value(seen), question.within)) return { isRight: false, words: hint };
  }
  return { isRight: false, words: advice(typed, answer, question) };
}

/**
 * @param {number} typed
 * @param {number} answer
 * @param {NumberQuestion} question
 */
function advice(typed, answer, { within, hint }) {
  if (answer !== 0 && agree(typed, -answer, within)) return `The size is right, the sign is not. ${hint}`;
  if (Math.abs(typed - answer) <= 5 * within)
    return `Nearly: ${number(typed)} is off by a little. Keep more digits on the way. ${hint}`;
  return `${number(typed)} is too ${typed > answer ? "large" : "small"}. ${hint}`;
}

/**
 * @param {ChoiceQuestion} question
 * @param {string | null} chosen The name of a choice.
 * @param {Seen} seen
 * @returns {Judgment}
 */
export function judgeChoice(question, chosen, seen) {
  const answer = question.answer(seen);
  if (answer === null) return { isRight: false, words: UNPREPARED };
  const choice = question.choices.find(({ name }) => name === chosen);
  if (choice === undefined) return { isRight: false, words: "Choose one of the answers first." };
  return { isRight: choice.name === answer, words: choice.comment };
}
