/** Elements, made without markup: whatever comes from data becomes text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Node | string | null | false} Child
 * @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes
 */

/**
 * Give an element attributes and children. A function is a listener, `null` and `false` leave an attribute out.
 * @template {Element} T
 * @param {T} made
 * @param {Attributes} attributes
 * @param {Child[]} children
 * @returns {T}
 */
function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(
    ...children.filter((child) => child !== null && child !== false).map((child) => /** @type {Node} */ (child)),
  );
  return made;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(name, attributes = {}, ...children) {
  return filled(/** @type {any} */ (document.createElementNS(SVG, name)), attributes, children);
}

/**
 * Set an attribute only where it changes: setting it costs more than reading it.
 * @param {Element} of
 * @param {string} name
 * @param {string} value
 */
export function put(of, name, value) {
  if (of.getAttribute(name) !== value) of.setAttribute(name, value);
}

/**
 * @param {Node} of
 * @param {string} words
 */
export function write(of, words) {
  if (of.textContent !== words) of.textContent = words;
}

/**
 * Give a place new children. What was open stays open, and the keyboard goes to the one with the same `data-key`, or to
 * the first if that has gone.
 * @param {Element} place
 * @param {...(Node | string)} children
 */
export function replaceIn(place, ...children) {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && place.contains(focused) ? focused.dataset.key : undefined;
  const open = [...place.querySelectorAll("details")].map((each) => each.open);
  place.replaceChildren(...children);
  place.querySelectorAll("details").forEach((each, at) => (each.open = open[at] ?? false));
  if (key === undefined) return;
  const all = [...place.querySelectorAll("[data-key]")].filter((each) => !each.matches(":disabled"));
  const again = all.find((each) => each.getAttribute("data-key") === key) ?? all[0];
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}
