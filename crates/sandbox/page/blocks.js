/**
 * Slack's blocks, rendered: sections with what stands beside them, headers,
 * context lines, rows of buttons, dividers, and the fields of a modal.
 */

import { fill, h, link, newId } from "./dom.js";
import { renderMrkdwn } from "./mrkdwn.js";

/**
 * What a rendered block needs of its surroundings.
 *
 * @typedef {object} Surroundings
 * @property {(id: string) => string} nameOf the name of a user id
 * @property {(block: object, element: object, choice: object, control: HTMLElement) => void} act
 *   what pressing a button or choosing from a list does
 */

/** The state of a modal's fields, by the element that holds each. */
const fieldValues = new WeakMap();

/**
 * @param {object[]} blocks
 * @param {Surroundings} around
 * @returns {HTMLElement[]}
 */
export function renderBlocks(blocks, around) {
  return blocks.map((block) => (RENDERERS[block.type] ?? unknown)(block, around));
}

const RENDERERS = { section, header, context, actions, divider: () => h("hr"), input, image };

function section(block, around) {
  const texts = [block.text && paragraph(block.text, around)];
  if (block.fields) texts.push(h("div", { class: "fields" }, block.fields.map((field) => paragraph(field, around))));
  const beside = block.accessory && h("div", { class: "beside" }, element(block, block.accessory, around));
  return h("div", { class: "block section" }, h("div", { class: "section-text" }, texts), beside);
}

function header(block) {
  return h("p", { class: "block block-header" }, block.text.text);
}

function context(block, around) {
  const parts = block.elements.map((part) =>
    part.type === "image" ? image(part) : h("span", {}, text(part, around)));
  return h("div", { class: "block context" }, parts);
}

function actions(block, around) {
  return h("div", { class: "block actions" }, block.elements.map((part) => element(block, part, around)));
}

function image(block) {
  return h("img", { src: block.image_url, alt: block.alt_text ?? "", class: "block-image" });
}

function unknown(block) {
  return h("p", { class: "block context" }, `(The sandbox does not show blocks of type “${block.type}”.)`);
}

function paragraph(textObject, around) {
  return h("div", {}, text(textObject, around));
}

/** A text object: Slack's markup, or words as they are. */
export function text(textObject, around) {
  return textObject.type === "mrkdwn" ? renderMrkdwn(textObject.text, around.nameOf) : textObject.text;
}

/** A control, in a row of actions or beside a section. */
function element(block, part, around) {
  if (part.type === "button") return button(block, part, around);
  if (part.type === "static_select") {
    const control = select(block, part, around);
    control.setAttribute("aria-label", part.placeholder?.text ?? block.text?.text ?? "Choose");
    return control;
  }
  if (part.type === "image") return image(part);
  return h("span", {}, `(The sandbox does not show “${part.type}”.)`);
}

function button(block, part, around) {
  if (part.url) return link(part.url, part.text.text);
  const control = h("button", {
    type: "button",
    class: `button ${part.style ?? ""}`,
    "data-action": `${block.block_id}/${part.action_id}`,
    "aria-label": part.accessibility_label,
    onclick: () => around.act(block, part, { value: part.value }, control),
  }, part.text.text);
  return control;
}

/** A list to choose from; choosing outside a field tells the app at once. */
function select(block, part, around) {
  const groups = part.option_groups ?? [{ options: part.options }];
  const all = groups.flatMap((group) => group.options);
  const option = (choice) => h("option", {
    value: String(all.indexOf(choice)),
    "data-value": choice.value,
    selected: choice.value === part.initial_option?.value,
  }, choice.text.text);
  const control = h("select", { "data-action": `${block.block_id}/${part.action_id}` },
    !part.initial_option && h("option", { value: "", selected: true }, part.placeholder?.text ?? "Choose…"),
    groups.map((group) => group.label
      ? h("optgroup", { label: group.label.text }, group.options.map(option))
      : group.options.map(option)));
  const chosen = () => all[Number(control.value === "" ? -1 : control.value)] ?? null;
  fieldValues.set(control, () => ({ type: part.type, selected_option: chosen() }));
  if (block.type !== "input" || block.dispatch_action) {
    control.addEventListener("change", () => around.act(block, part, { selected_option: chosen() }, control));
  }
  return control;
}

/** A text field; the app hears of it when the modal is submitted. */
function textField(block, part) {
  const control = part.multiline
    ? h("textarea", { rows: 4 })
    : h("input", { type: "text", autocomplete: "off" });
  control.value = part.initial_value ?? "";
  control.dataset.action = `${block.block_id}/${part.action_id}`;
  if (part.placeholder) control.placeholder = part.placeholder.text;
  if (part.max_length) control.maxLength = part.max_length;
  fieldValues.set(control, () => ({ type: part.type, value: control.value === "" ? null : control.value }));
  return control;
}

const FIELDS = { static_select: select, plain_text_input: textField };

/** A labelled field of a modal, with a place for what is wrong with it. */
function input(block, around) {
  const make = FIELDS[block.element.type];
  if (!make) return unknown({ type: block.element.type });
  const control = make(block, block.element, around);
  control.id = newId("field");
  control.dataset.field = block.block_id;
  control.dataset.name = block.element.action_id;
  const hintId = newId("hint");
  const errorId = newId("error");
  control.setAttribute("aria-describedby", `${hintId} ${errorId}`);
  return h("div", { class: "block field" },
    h("label", { for: control.id }, block.label.text, block.optional && h("span", {}, " (optional)")),
    control,
    h("p", { class: "hint", id: hintId }, block.hint?.text),
    h("p", { class: "error", id: errorId, "data-error-of": block.block_id, role: "alert" }));
}

/**
 * The state of all controls of a modal, as Slack sends it.
 *
 * @param {HTMLElement} form
 */
export function fieldState(form) {
  const values = {};
  for (const control of form.querySelectorAll("[data-action]")) {
    const read = fieldValues.get(control);
    if (!read) continue;
    const [block, ...action] = control.dataset.action.split("/");
    values[block] = { ...values[block], [action.join("/")]: read() };
  }
  return values;
}

/**
 * Gives the fields of a modal, which were drawn anew, the state that they had.
 *
 * @param {HTMLElement} form
 * @param {Record<string, Record<string, object>>} values as `fieldState` answers them
 */
export function restoreFields(form, values) {
  for (const control of form.querySelectorAll("[data-action]")) {
    const [block, ...action] = control.dataset.action.split("/");
    const before = values[block]?.[action.join("/")];
    const chosen = before?.selected_option?.value;
    if (chosen !== undefined) {
      const option = [...control.options].find((one) => one.dataset.value === chosen);
      if (option) option.selected = true;
    } else if (before && "value" in before) {
      control.value = before.value ?? "";
    }
  }
}

/**
 * Shows what is wrong with the fields of a modal, and goes to the first.
 *
 * @param {HTMLElement} form
 * @param {Record<string, string>} errors by block
 */
export function showFieldErrors(form, errors) {
  for (const place of form.querySelectorAll("[data-error-of]")) {
    const error = errors[place.dataset.errorOf];
    const control = form.querySelector(`[aria-describedby~="${place.id}"]`);
    fill(place, error);
    control?.setAttribute("aria-invalid", error ? "true" : "false");
  }
  form.querySelector('[aria-invalid="true"]')?.focus();
}
