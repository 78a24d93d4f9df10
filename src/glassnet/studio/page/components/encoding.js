/** How a value of the table becomes inputs of the network. */

import { h } from "#page/dom.js";
import { data } from "#page/numbers.js";

/** @import { Column } from "#page/recording.js" */

/** @param {Column} column */
export function column({ name, raw, steps, inputs, values }) {
  const all = inputs.map((input, place) => ({ input, value: values[place] }));
  const shown = all.length === 1 ? all : all.filter(({ value }) => value !== 0);
  return h(
    "div",
    { class: "column" },
    h("p", {}, h("strong", {}, name), ` ${raw}`),
    ...steps.map((step) => h("p", { class: "muted" }, step)),
    inputs.length === 1 && steps.length === 0
      ? null
      : h(
          "p",
          {},
          shown.length === 0 ? "all its inputs are 0" : null,
          ...shown.flatMap(({ input, value }, place) => [place > 0 && ", ", `${input} = `, data(value)]),
        ),
  );
}
