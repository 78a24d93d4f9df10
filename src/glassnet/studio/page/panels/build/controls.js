/** What a control of the server is called, and what it offers. */

import { h } from "#page/dom.js";

/** @import { Choice, Control } from "#page/messages.js" */

/**
 * @param {Control[]} controls
 * @param {string} field
 */
export const controlOf = (controls, field) => controls.find((each) => each.field === field) ?? null;

/** @param {Choice} choice */
export const optionOf = ({ name }) => h("option", { value: name }, name.replaceAll("_", " "));
