/** What if: the prediction of the chosen row with other values, typed, slid, chosen or switched. */

import { table } from "#page/components/table.js";
import { nothing, refusal } from "#page/components/told.js";
import { h, write } from "#page/dom.js";
import { count, data, significant } from "#page/numbers.js";
import { question } from "#page/asking.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { ColumnCard } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Column } from "#page/recording.js"
 */

/** @typedef {string | number | boolean | null} Value */

const MOST = 60; // columns that have a field

/** @param {LiveActions} actions */
export function whatIfPanel(actions) {
  const without = nothing("A row is tried here with other values, when there is a network for it.", "Open data", () =>
    actions.go("data"),
  );
  const intro = h("p", {});
  const fields = h("div", { class: "what-if-fields" });
  const more = h("p", { class: "muted" });
  const reset = h("button", { type: "button", click: undo }, "Back to the row");
  const answer = h("div", { class: "if-answer", "aria-live": "polite" });
  const trouble = refusal();
  const body = h("div", {}, intro, answer, trouble.element, reset, fields, more);
  const element = h("div", { class: "what-if" }, h("h2", {}, "What if"), without.element, body);
  const ask = question();
  /** @type {Map<string, Value>} The values that differ from the row's. */
  let changed = new Map();
  /** @type {ReturnType<typeof fieldOf>[]} */
  let all = [];
  let shown = "";
  /** @type {LiveState["prediction"] | undefined} */
  let told;
  /** @type {LiveState["prediction"]} That of the row itself. */
  let own = null;

  function undo() {
    changed = new Map();
    for (const field of all) field.undo();
    askAgain();
  }

  let askAgain = () => {};

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { data: card, moment, prediction, refused } = state;
      const isThere = card !== null && moment !== null;
      without.update(!isThere);
      body.hidden = !isThere;
      if (!isThere) return;
      const now = JSON.stringify([card.title, card.n_rows, card.target, moment.row.index, moment.row.columns.length]);
      if (now !== shown) {
        shown = now;
        changed = new Map();
        own = null;
        all = fieldsOf(card.columns, moment).map(([column, of]) =>
          fieldOf(column, of, (value) => {
            if (value === undefined) changed.delete(column.name);
            else changed.set(column.name, value);
            askAgain();
          }),
        );
        fields.replaceChildren(...all.slice(0, MOST).map((field) => field.element));
        write(intro, `Row ${moment.row.index} with other values. The network and the row stay as they are.`);
        const rest = moment.row.n_columns - Math.min(all.length, MOST);
        more.hidden = rest <= 0;
        write(more, `${count(rest)} more columns keep the values of the row.`);
      }
      // The latest state is asked with, also when a field changes between two of them.
      askAgain = () => {
        const values = Object.fromEntries(changed);
        const about = JSON.stringify([moment.row.index, values]);
        void ask(state, about, () => actions.whatIf(values)).then(() => {
          if (JSON.stringify([moment.row.index, Object.fromEntries(changed)]) !== about) askAgain();
        });
      };
      askAgain();
      reset.disabled = changed.size === 0;
      trouble.update(refused["what-if"]);
      if (prediction !== told) {
        told = prediction;
        if (changed.size === 0) own = prediction;
        answer.replaceChildren(...(prediction === null ? [] : answered(prediction, own)));
      }
    },
  };
}

/**
 * @param {NonNullable<LiveState["prediction"]>} prediction
 * @param {LiveState["prediction"]} own That of the row itself.
 */
function answered({ words, outputs }, own) {
  const before = new Map(own?.outputs);
  return [
    h("p", {}, h("strong", {}, words)),
    table(
      ["output", "of the row", "what if"],
      outputs.map(([name, value]) => {
        const was = before.get(name);
        return h(
          "tr",
          {},
          h("th", { scope: "row" }, name),
          h("td", {}, was === undefined ? "" : data(was)),
          h("td", {}, data(value, "what-if")),
        );
      }),
    ),
  ];
}

/**
 * The input columns of the row, with what is known of them.
 * @param {ColumnCard[]} columns
 * @param {Moment} moment
 * @returns {[ColumnCard, Column][]}
 */
function fieldsOf(columns, { row }) {
  const byName = new Map(columns.filter(({ role }) => role === "input").map((card) => [card.name, card]));
  return row.columns.flatMap((column) => {
    const card = byName.get(column.name);
    return card === undefined ? [] : [/** @type {[ColumnCard, Column]} */ ([card, column])];
  });
}

/**
 * @param {ColumnCard} card
 * @param {Column} column
 * @param {(value: Value | undefined) => void} tell Undefined is the value of the row.
 */
function fieldOf(card, column, tell) {
  if (card.least === 0 && card.most === 1 && card.distinct === 2 && /^[01]$/.test(column.raw)) {
    return switchOf(card, column.raw === "1", 1, 0, tell);
  }
  if (card.least !== null && card.most !== null) return sliderOf(card, column, card.least, card.most, tell);
  if (card.choices.length > 0) return choiceOf(card, column, tell);
  const field = h("input", {
    type: "text",
    "aria-label": card.name,
    value: column.raw,
    change: () => tell(field.value === column.raw ? undefined : field.value),
  });
  return { element: labeled(card, field), undo: () => void (field.value = column.raw) };
}

/**
 * @param {ColumnCard} card
 * @param {...HTMLElement} fields
 */
function labeled(card, ...fields) {
  return h(
    "div",
    { class: "what-if-field", role: "group", "aria-label": card.name },
    h("span", {}, card.name),
    ...fields,
  );
}

/**
 * @param {ColumnCard} card
 * @param {Column} column
 * @param {number} least
 * @param {number} most
 * @param {(value: Value | undefined) => void} tell
 */
function sliderOf(card, column, least, most, tell) {
  const own = numberIn(column.raw);
  const start = own ?? (least + most) / 2;
  const isWhole = card.counts.every(([value]) => /^-?\d+$/.test(value)) || (card.distinct ?? 99) <= 2;
  const range = h("input", {
    type: "range",
    min: least,
    max: Math.max(most, least),
    step: isWhole && Number.isInteger(least) ? 1 : "any",
    value: start,
    "aria-label": card.name,
    input: () => change(range.valueAsNumber),
  });
  const field = h("input", {
    type: "number",
    step: "any",
    value: own ?? "",
    placeholder: own === null ? column.raw : "",
    "aria-label": `${card.name}, as a number`,
    change: () => change(field.value === "" ? null : field.valueAsNumber),
  });
  const isConstant = least === most;
  const words = isConstant ? `always ${significant(least, 4)}` : `${significant(least, 4)} to ${significant(most, 4)}`;
  const span = h("span", { class: "muted" }, `${words} in the data`);

  /** @param {number | null} value */
  function change(value) {
    const isOwn = value === own;
    if (value !== null) range.value = String(value);
    if (document.activeElement !== field) field.value = value === null ? "" : String(Number(value.toPrecision(6)));
    tell(isOwn ? undefined : value);
  }

  return {
    element: isConstant ? labeled(card, field, span) : labeled(card, range, field, span),
    undo: () => {
      range.value = String(start);
      field.value = own === null ? "" : String(own);
    },
  };
}

/**
 * @param {ColumnCard} card
 * @param {boolean} own Whether the row has it on.
 * @param {Value} on
 * @param {Value} off
 * @param {(value: Value | undefined) => void} tell
 */
function switchOf(card, own, on, off, tell) {
  const field = h("input", {
    type: "checkbox",
    role: "switch",
    "aria-label": card.name,
    checked: own,
    change: () => tell(field.checked === own ? undefined : field.checked ? on : off),
  });
  return { element: labeled(card, field), undo: () => void (field.checked = own) };
}

/**
 * @param {ColumnCard} card
 * @param {Column} column
 * @param {(value: Value | undefined) => void} tell
 */
function choiceOf(card, column, tell) {
  if (card.kind === "boolean" && card.choices.length === 2 && card.choices.includes(column.raw)) {
    return switchOf(card, column.raw === card.choices[1], true, false, tell);
  }
  const values = card.choices.includes(column.raw) ? card.choices : [column.raw, ...card.choices];
  const field = h(
    "select",
    {
      "aria-label": card.name,
      change: () => tell(field.value === column.raw ? undefined : field.value),
    },
    ...values.map((value) => h("option", { value }, value)),
  );
  field.value = column.raw;
  return { element: labeled(card, field), undo: () => void (field.value = column.raw) };
}

/**
 * A number as the row tells it; null if it is missing.
 * @param {string} raw
 */
function numberIn(raw) {
  const value = Number(raw.replace("−", "-"));
  return raw.trim() === "" || Number.isNaN(value) ? null : value;
}
