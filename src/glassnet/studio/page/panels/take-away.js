/** Take away: files, the programs that train this network again, and a link to what is shown. */

import { fragmentOf } from "#page/address.js";
import { question } from "#page/asking.js";
import { nothing, refusal } from "#page/components/told.js";
import { h, write } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @type {{ kinds: [string, string][], words: string, isOf?: "table" | "network" }[]} What each button saves. */
const FILES = [
  {
    kinds: [["model", "Model"]],
    words: "The network of this moment with the encoding of its table; gn.load opens it, and so does this studio.",
    isOf: "table",
  },
  {
    kinds: [["recording", "Recording"]],
    words: "The training so far as one page. It plays without a server: hand it out.",
  },
  {
    kinds: [
      ["picture.svg", "Picture, SVG"],
      ["picture.png", "Picture, PNG"],
    ],
    words: "The network with the numbers of the chosen row.",
  },
  {
    kinds: [["workbook", "Workbook"]],
    words: "The arithmetic of the chosen row as live formulas, for Excel or LibreOffice.",
  },
  { kinds: [["table", "Table"]], words: "The open table as CSV.", isOf: "table" },
];

/** @type {[string, string, string][]} */
const PROGRAMS = [
  ["python", "Python", "Trains this network again, to the shown moment and the last bit."],
  ["shell", "Shell", "The same as a command."],
];

/** @param {LiveActions} actions */
export function takeAwayPanel(actions) {
  const refused = refusal();
  const without = nothing("Files, programs and a link to take away come with a network.", "Open data", () =>
    actions.go("data"),
  );
  const files = FILES.map(({ kinds, words, isOf }) => {
    const buttons = kinds.map(([kind, name]) =>
      h("button", { type: "button", "data-save": kind, click: () => void actions.save(kind) }, name),
    );
    return {
      isOf,
      element: h("div", { class: "to-save" }, h("div", { class: "buttons" }, ...buttons), h("p", {}, words)),
    };
  });
  const programs = PROGRAMS.map(([kind, name, words]) => program(kind, name, words, actions));
  const refusedProgram = refusal();
  const training = h(
    "div",
    {},
    h("h3", {}, "Programs"),
    ...programs.map(({ element }) => element),
    refusedProgram.element,
  );
  const link = h("input", { type: "text", readonly: true, id: "link", "aria-describedby": "link-about" });
  const copied = copyButton("Copy link", () => link.value);
  const saving = h("p", { class: "muted", role: "status" });
  const work = h(
    "div",
    {},
    ...files.map(({ element }) => element),
    saving,
    refused.element,
    training,
    h("h3", {}, h("label", { for: "link" }, "Link")),
    h(
      "p",
      { id: "link-about" },
      "It opens what is shown here again: data, network, moment, row and panel. For another studio, put the part from # on behind its address. A file of your own has to be opened there first.",
    ),
    h("div", { class: "answer" }, link, copied.element),
    copied.said,
  );
  const element = h("div", { class: "take-away" }, h("h2", {}, "Take away"), without.element, work);

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { model, data, refused: refusals, busy } = state;
      work.hidden = model === null;
      without.update(model === null);
      if (model === null) return;
      const isTable = data !== null && data.task !== "none";
      for (const { isOf, element: each } of files) each.hidden = isOf === "table" && !isTable;
      refused.update(refusals["take-away"]);
      refusedProgram.update(refusals.program);
      write(saving, busy["take-away"] === true ? "Writing the file …" : "");
      const address = `${location.origin}${location.pathname}#${fragmentOf(state)}`;
      if (link.value !== address) link.value = address;
      training.hidden = model.setup === null; // a model that was opened has no training to be repeated
      if (!training.hidden) for (const each of programs) each.update(state);
    },
  };
}

/**
 * A program with a button to copy and one to save it.
 * @param {string} kind
 * @param {string} name
 * @param {string} words
 * @param {LiveActions} actions
 */
function program(kind, name, words, actions) {
  const ask = question();
  const code = h("code");
  const shown = h("pre", { tabindex: 0, role: "region", "aria-label": `${name} program`, "data-program": kind }, code);
  const copied = copyButton("Copy", () => code.textContent ?? "");
  const element = h(
    "div",
    { class: "program" },
    h("h4", {}, name),
    h("p", {}, words),
    shown,
    h(
      "div",
      { class: "buttons" },
      copied.element,
      h("button", { type: "button", "data-save": kind, click: () => void actions.save(kind) }, "Save"),
    ),
    copied.said,
  );
  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { model, data, source, status } = state;
      const about = JSON.stringify([
        model?.setup,
        data?.target,
        data?.columns.length,
        source?.kind,
        data?.title,
        status.edits,
        status.state,
      ]);
      void ask(state, about, async () => {
        const text = await actions.program(kind);
        if (text !== null) write(code, text);
        return text !== null;
      });
    },
  };
}

/**
 * @param {string} words
 * @param {() => string} text
 */
function copyButton(words, text) {
  const said = h("p", { class: "muted", role: "status" });
  const element = h("button", { type: "button", click: () => void copy() }, words);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      said.replaceChildren("Copied.");
    } catch {
      said.replaceChildren("The browser did not allow copying; mark the text and copy it by hand.");
    }
  }
  return { element, said };
}
