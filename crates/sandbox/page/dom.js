/**
 * Building the page out of elements. Everything on the page is made here, so
 * text from outside is only ever a text node and never markup.
 */

/**
 * Makes an element. Attributes that begin with `on` are listeners; `true`
 * sets an attribute without a value, `false`, `null` and `undefined` leave it
 * out. Children are nodes, texts, lists of them, or nothing.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string | null | undefined | false | Array)} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

/** The children that are there, in one flat list. */
function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/**
 * Replaces all children of an element.
 *
 * @param {Element} element
 * @param {...unknown} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/** What a control is, however often it is drawn. */
function keyOf(control) {
  return control.dataset.key ?? control.dataset.action ?? control.getAttribute("href") ?? control.textContent;
}

/** The control that a part has now in the place of one that it had before. */
function successor(part, old) {
  const all = part?.querySelectorAll(old.tagName) ?? [];
  return [...all].find((control) => keyOf(control) === keyOf(old));
}

/**
 * Draws a part of the page anew; the control in it that had the focus has it
 * again, if it is still there.
 *
 * @param {Element} part
 * @param {() => void} draw
 */
export function redraw(part, draw) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  draw();
  if (focused && !focused.isConnected) successor(part, focused)?.focus({ preventScroll: true });
}

/**
 * Remembers a control in a message or a form that may be drawn anew meanwhile.
 *
 * @param {HTMLElement} control
 * @returns {() => void} gives it the focus
 */
export function focusLater(control) {
  const part = control.closest("[data-ts], form");
  return () => (control.isConnected ? control : successor(part, control))?.focus();
}

/** Whether a control works on what it was pressed for. */
export function isBusy(control) {
  return control.getAttribute("aria-disabled") === "true";
}

/** Marks a control that works. A disabled one would lose the focus. */
export function setBusy(control, busy) {
  if (busy) control.setAttribute("aria-disabled", "true");
  else control.removeAttribute("aria-disabled");
}

let lastId = 0;

/** An id that no other element of the page has. */
export function newId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/**
 * A link that opens beside this page. Anything but http and https is shown as
 * text, so that no message can bring a link that runs something.
 *
 * @param {string} address
 * @param {unknown} content
 */
export function link(address, content) {
  if (!/^https?:\/\//i.test(address)) return h("span", {}, content);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, content);
}

/**
 * Tells screen readers something without showing it.
 *
 * @param {string} text
 */
export function announce(text) {
  const line = h("p", {}, text);
  const announcer = document.getElementById("announcer");
  announcer.append(line);
  while (announcer.childElementCount > 5) announcer.firstElementChild.remove();
}

/**
 * Copies a text and says so on the button that was pressed.
 *
 * @param {HTMLButtonElement} button
 * @param {string} text
 */
export async function copy(button, text) {
  const label = button.textContent;
  const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
  button.textContent = done ? "Copied" : "Can't copy";
  announce(done ? `Copied ${text}` : "This browser does not allow copying");
  setTimeout(() => { button.textContent = label; }, 1600);
}
