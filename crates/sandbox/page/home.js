/**
 * deploybot's home tab, which Slack shows beside the talk with an app: one for
 * each person. Here a button opens it over the page, as whoever acts.
 */

import { slack } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { ask } from "./dialog.js";
import { fill, focusLater, h, isBusy, newId, redraw, setBusy } from "./dom.js";

/** The tab of whoever acts at present. */
export class HomeTab {
  /**
   * @param {import("./workspace.js").Workspace} workspace
   */
  constructor(workspace) {
    this.workspace = workspace;
    this.nameOf = workspace.nameOf;
    /** @type {{user: string, view: object | null, dialog: HTMLDialogElement, place: HTMLElement, problem: HTMLElement} | null} */
    this.open = null;
    this.button = h("button", { type: "button", class: "button", "aria-haspopup": "dialog", onclick: () => this.begin() }, "deploybot’s home");
  }

  /** Opens it, which the app hears of; what it showed last is seen until it answers. */
  async begin() {
    const user = this.workspace.acting.slack;
    const giveFocusBack = focusLater(this.button);
    const title = newId("title");
    const place = h("div", { class: "dialog-text" });
    const problem = h("p", { class: "error", role: "alert" });
    const dialog = h("dialog", { class: "modal home", tabindex: "-1", "aria-labelledby": title },
      h("h2", { id: title }, `deploybot’s home, as ${this.nameOf(user)} sees it`),
      place,
      problem,
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Close")));
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.open = null;
      giveFocusBack();
    });
    this.open = { user, view: null, dialog, place, problem };
    document.body.append(dialog);
    dialog.showModal();
    dialog.focus();
    fill(place, h("p", {}, "deploybot is asked…"));
    try {
      const { view } = await slack.openHome(user);
      if (this.open?.dialog === dialog && view && !this.open.view) this.show(user, view);
    } catch (failure) {
      fill(problem, failure.message);
    }
  }

  /** Takes it away: another acts now. */
  discard() {
    this.open?.dialog.close();
  }

  /** Reads it again, after changes to it may have been missed. */
  async catchUp() {
    const { open } = this;
    if (!open) return;
    const view = await slack.home(open.user);
    if (this.open === open && view) this.show(open.user, view);
  }

  /**
   * Shows the tab as the app has set it.
   *
   * @param {string} user
   * @param {object} view
   */
  show(user, view) {
    if (this.open?.user !== user) return;
    this.open.view = view;
    const { place, dialog } = this.open;
    redraw(place, () => {
      fill(place, renderBlocks(view.blocks, this));
      // Slack names the blocks of each tab anew.
      for (const control of place.querySelectorAll("button")) control.dataset.key = control.textContent;
    });
    if (!dialog.contains(document.activeElement)) dialog.focus();
  }

  /** What a control of the tab does; part of `Surroundings`. */
  act = async (block, element, choice, control) => {
    const { user, view, problem } = this.open;
    if (element.confirm && !(await ask(element.confirm, this, control))) return;
    if (isBusy(control)) return;
    fill(problem, "");
    setBusy(control, true);
    try {
      await slack.act({ user, view_id: view.id, block_id: block.block_id, action_id: element.action_id, ...choice });
    } catch (failure) {
      fill(problem, failure.message);
    } finally {
      setBusy(control, false);
    }
  };
}
