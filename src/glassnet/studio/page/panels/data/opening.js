/** The ways to open data: a file that is dropped or chosen, and the bundled examples. */

import { refusal } from "#page/components/told.js";
import { h, put, write } from "#page/dom.js";
import { count } from "#page/numbers.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Example, Hello } from "#page/messages.js"
 */

const PATIENCE = 4000; // milliseconds, after which a reader wants to know why it takes so long

/** @param {LiveActions} actions */
export function opening(actions) {
  const file = h("input", {
    type: "file",
    id: "file",
    hidden: true,
    accept: ".csv,.tsv,.txt,.parquet,.json,.jsonl,.ndjson,.gz",
    change: () => {
      if (file.files?.length) void actions.openFile(file.files[0]);
      file.value = ""; // so that the same file can be chosen again
    },
  });
  const choose = h("button", { type: "button", click: () => file.click() }, "Choose a file");
  const most = h("p", { class: "muted" });
  const sent = h("progress", { max: 1, "aria-label": "how much of the file has been sent" });
  const busy = h("p", { role: "status" });
  const first = h("p", { role: "status" }, "The very first network takes longer: its engine is compiled, once.");
  let timer = 0;
  const drop = h(
    "div",
    { class: "drop" },
    h("p", {}, h("strong", {}, "Drop a table here"), " (CSV, Parquet or JSON)"),
    h("p", {}, "or ", file, choose),
    most,
  );
  const refused = refusal();
  const examples = h("ul", { class: "offers" });
  const element = h(
    "div",
    { class: "opening" },
    drop,
    sent,
    busy,
    first,
    refused.element,
    h("h2", {}, "Or open an example"),
    examples,
  );

  // A file that misses the field would replace the page.
  addEventListener("dragover", (event) => {
    event.preventDefault();
    put(drop, "class", "drop over");
  });
  addEventListener("dragleave", () => put(drop, "class", "drop"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    put(drop, "class", "drop");
    const dropped = event.dataTransfer?.files[0];
    if (dropped === undefined) return;
    actions.go("data");
    void actions.openFile(dropped);
  });

  /** @type {Hello | null} */
  let shown = null;

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      const { hello, refused: told, busy: works, sent: share } = state;
      if (hello !== null && hello !== shown) {
        shown = hello;
        examples.replaceChildren(...hello.examples.map((each) => h("li", {}, ...offered(each, actions))));
        const { upload_bytes, rows, columns } = hello.limits;
        write(
          most,
          `At most ${(upload_bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 0 })} MB, ` +
            `${count(rows)} rows and ${count(columns)} columns.`,
        );
      }
      refused.update(told.data);
      sent.hidden = share === null;
      if (share !== null) sent.value = share;
      busy.hidden = !works.data;
      const isBeingSent = share !== null && share < 1;
      write(busy, isBeingSent ? "The file is being sent …" : "Being read, and made into a first network …");
      if (!works.data) {
        clearTimeout(timer);
        timer = 0;
        first.hidden = true;
      } else if (timer === 0) {
        timer = window.setTimeout(() => (first.hidden = false), PATIENCE);
      }
      choose.disabled = Boolean(works.data) || hello === null;
      for (const button of examples.querySelectorAll("button")) button.disabled = Boolean(works.data);
    },
  };
}

/**
 * @param {Example} example
 * @param {LiveActions} actions
 */
function offered(example, actions) {
  const { name, title, words, expression } = example;
  const about = h("p", { class: "muted" }, words);
  if (expression === null) {
    return [
      h("button", { type: "button", "data-example": name, click: () => void actions.openExample(example) }, title),
      about,
    ];
  }
  const field = h("input", { type: "text", value: expression, id: `expression-${name}`, spellcheck: "false" });
  return [
    h(
      "form",
      {
        class: "fields",
        submit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void actions.openExample(example, field.value);
        },
      },
      h("button", { type: "submit", "data-example": name }, title),
      h("label", { class: "unseen", for: field.id }, `expression of ${title}`),
      field,
    ),
    about,
  ];
}
