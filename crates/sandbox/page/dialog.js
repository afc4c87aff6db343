/**
 * Dialogs: the question before a button acts, and the app's modals. Both are
 * the browser's own `<dialog>`, which keeps the focus inside. It goes back to
 * the control that opened the dialog, also if that was drawn anew meanwhile.
 */

import { slack } from "./api.js";
import { fieldState, renderBlocks, restoreFields, showFieldErrors, text } from "./blocks.js";
import { fill, focusLater, h, isBusy, newId, redraw, setBusy } from "./dom.js";

/** How long after a person has pressed something a modal may open, in milliseconds. */
const OPENS_WITHIN = 5_000;

/**
 * Asks before a button acts.
 *
 * @param {object} question Slack's confirm object
 * @param {import("./blocks.js").Surroundings} around
 * @param {HTMLElement} opener the button
 * @returns {Promise<boolean>}
 */
export function ask(question, around, opener) {
  const title = newId("title");
  const yes = h("button", { type: "button", class: `button ${question.style === "danger" ? "danger" : "primary"}` }, question.confirm?.text ?? "Yes");
  const no = h("button", { type: "button", class: "button", autofocus: true }, question.deny?.text ?? "No");
  const dialog = h("dialog", { "aria-labelledby": title, class: "question" },
    h("h2", { id: title }, question.title?.text ?? "Are you sure?"),
    question.text && h("div", { class: "dialog-text" }, text(question.text, around)),
    h("div", { class: "dialog-buttons" }, no, yes));
  const giveFocusBack = focusLater(opener);
  return new Promise((resolve) => {
    yes.addEventListener("click", () => dialog.close("yes"));
    no.addEventListener("click", () => dialog.close("no"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      giveFocusBack();
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
    /** @type {{view: object, user: string, dialog: HTMLDialogElement, form: HTMLElement, told: HTMLElement} | null} */
    this.open = null;
    /** @type {{until: number, giveFocusBack: () => void} | null} */
    this.expected = null;
  }

  /**
   * A control was pressed on this page, so a modal may open; what the same
   * person opens in another window is not shown here too.
   *
   * @param {HTMLElement} opener
   */
  expect(opener) {
    this.expected = { until: performance.now() + OPENS_WITHIN, giveFocusBack: focusLater(opener) };
  }

  /** Reads the open modal again, after changes to it may have been missed. */
  async catchUp() {
    const { open } = this;
    if (!open) return;
    const view = await slack.view(open.user);
    if (this.open === open) this.show(open.user, view);
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
    else if (this.expected && performance.now() < this.expected.until) this.begin(user, view, this.expected);
  }

  /** Takes the modal away without telling the app. */
  discard() {
    const open = this.open;
    this.open = null;
    open?.dialog.close();
  }

  begin(user, view, { giveFocusBack }) {
    this.discard();
    this.expected = null;
    const form = h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.submit();
    } });
    // What is outside of an open dialog is not read out, so it tells by itself.
    const told = h("p", { class: "unseen", role: "status" });
    const dialog = h("dialog", { class: "modal", tabindex: "-1" }, form, told);
    dialog.addEventListener("close", () => {
      dialog.remove();
      giveFocusBack();
      if (this.open?.dialog !== dialog) return;
      const { view: closed } = this.open;
      this.open = null;
      slack.closeView(closed.id, user).catch(() => {});
    });
    this.open = { user, view, dialog, form, told };
    this.draw();
    document.body.append(dialog);
    dialog.showModal();
    // Itself, so that an Enter too many presses nothing.
    dialog.focus();
  }

  /** A changed modal keeps what was typed and chosen, and the focus where it was. */
  change(view) {
    const { dialog, form, told } = this.open;
    const before = fieldState(form);
    this.open.view = view;
    redraw(form, () => {
      this.draw();
      restoreFields(form, before);
    });
    if (!dialog.contains(document.activeElement)) dialog.focus();
    fill(told, [...form.querySelectorAll(".section-text")].at(-1)?.textContent);
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
  act = async (block, element, choice, control) => {
    const { user, view, form } = this.open;
    if (element.confirm && !(await ask(element.confirm, this, control))) return;
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
    if (!button || isBusy(button)) return;
    setBusy(button, true);
    this.problem("");
    try {
      const errors = await slack.submit(view.id, { user, values: fieldState(form) });
      if (errors) showFieldErrors(form, errors);
    } catch (failure) {
      this.problem(failure.message);
    } finally {
      setBusy(button, false);
    }
  }
}
