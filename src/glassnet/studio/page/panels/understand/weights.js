/** The distribution of the weights of each layer. */

import { histogram } from "#page/components/histogram.js";
import { h } from "#page/dom.js";
import { data } from "#page/numbers.js";

/** @import { Weights } from "#page/messages.js" */

/** @param {Weights} view */
export function weights(view) {
  return h(
    "div",
    {},
    ...view.layers.map((layer) =>
      h(
        "section",
        { "aria-label": `weights ${layer.title}` },
        h("h3", {}, `Weights ${layer.title}`),
        h("p", {}, layer.words),
        layer.norm !== null && h("p", { class: "muted" }, "norm ", data(layer.norm, `norm ${layer.layer}`)),
        layer.counts.length > 0 &&
          histogram({ edges: layer.edges, counts: layer.counts, label: "weight", words: layer.words }),
      ),
    ),
  );
}
