/**
 * Dialogs: the question before a button acts, and the app's modals. Both are
 * the browser's own `<dialog>`, which keeps the focus inside and gives it back.
 */

import { slack } from "./api.js";
import { fieldState, renderBlocks, showFieldErrors, text } from "./blocks.js";
import { fill, h, newId } from "./dom.js";

/**
 * Asks before a button acts.
 *
 * @param {object} question Slack's confirm object
 * @param {import("./blocks.js").Surroundings} around
 * @returns {Promise<boolean>}
 */
export function ask(question, around) {
  const title = newId("title");
  const yes = h("button", { type: "button", class: `button ${question.style === "danger" ? "danger" : "primary"}` }, question.confirm?.text ?? "Yes");
  const no = h("button", { type: "button", class: "button", autofocus: true }, question.deny?.text ?? "No");
  const dialog = h("dialog", { "aria-labelledby": title, class: "question" },
    h("h2", { id: title }, question.title?.text ?? "Are you sure?"),
    question.text && h("div", { class: "dialog-text" }, text(question.text, around)),
    h("div", { class: "dialog-buttons" }, no, yes));
  return new Promise((resolve) => {
    yes.addEventListener("click", () => dialog.close("yes"));
    no.addEventListener("click", () => dialog.close("no"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The modals of whoever acts at present. */
export class Modals {
  /**
   * @param {(id: string) => string} nameOf
   */
  constructor(nameOf) {
    this.nameOf = nameOf;
    /** @type {{view: object, user: string, dialog: HTMLDialogElement, form: HTMLElement} | null} */
    this.open = null;
  }

  /**
   * Shows a modal that the app opened or changed; `null` closes it.
   *
   * @param {string} user
   * @param {object | null} view
   */
  show(user, view) {
    if (view === null) this.discard();
    else if (this.open && this.open.user === user) this.change(view);
    else this.begin(user, view);
  }

  /** Takes the modal away without telling the app. */
  discard() {
    const open = this.open;
    this.open = null;
    open?.dialog.close();
  }

  begin(user, view) {
    this.discard();
    const form = h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.submit();
    } });
    const dialog = h("dialog", { class: "modal" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (this.open?.dialog !== dialog) return;
      const { view: closed } = this.open;
      this.open = null;
      slack.closeView(closed.id, user).catch(() => {});
    });
    this.open = { user, view, dialog, form };
    this.draw();
    document.body.append(dialog);
    dialog.showModal();
  }

  /** A changed modal keeps what was typed, and the focus where it was. */
  change(view) {
    const { form } = this.open;
    const focused = document.activeElement?.dataset?.action;
    const typed = [...form.querySelectorAll("input, textarea")].map((field) => [field.dataset.action, field.value]);
    const control = (action) => form.querySelector(`[data-action="${CSS.escape(action)}"]`);
    this.open.view = view;
    this.draw();
    for (const [action, value] of typed) {
      if (control(action)) control(action).value = value;
    }
    if (focused) control(focused)?.focus();
  }

  draw() {
    const { view, dialog, form } = this.open;
    const title = newId("title");
    dialog.setAttribute("aria-labelledby", title);
    fill(form,
      h("h2", { id: title }, view.title.text),
      h("div", { class: "dialog-text" }, renderBlocks(view.blocks, this)),
      h("p", { class: "error", role: "alert", "data-problem": true }),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, view.close?.text ?? (view.submit ? "Cancel" : "Close")),
        view.submit && h("button", { type: "submit", class: "button primary" }, view.submit.text)));
  }

  problem(words) {
    if (this.open) fill(this.open.form.querySelector("[data-problem]"), words);
  }

  /** What a control of the modal does; part of `Surroundings`. */
  act = async (block, element, choice) => {
    const { user, view, form } = this.open;
    if (element.confirm && !(await ask(element.confirm, this))) return;
    this.problem("");
    try {
      await slack.act({
        user,
        view_id: view.id,
        block_id: block.block_id,
        action_id: element.action_id,
        values: fieldState(form),
        ...choice,
      });
    } catch (failure) {
      this.problem(failure.message);
    }
  };

  async submit() {
    const { user, view, form } = this.open;
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    this.problem("");
    try {
      const errors = await slack.submit(view.id, { user, values: fieldState(form) });
      if (errors) showFieldErrors(form, errors);
    } catch (failure) {
      this.problem(failure.message);
    } finally {
      button.disabled = false;
    }
  }
}
