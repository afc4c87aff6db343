/**
 * Where people type: a field with completion of names after `@`. Enter sends,
 * Shift+Enter begins a new line.
 */

import { config, slack } from "./api.js";
import { announce, fill, h, isBusy, newId, setBusy } from "./dom.js";

/** The word with an `@` that the cursor stands at the end of. */
const BEGUN_MENTION = /(?:^|\s)@([\p{L}\p{N}._-]*)$/u;

/** A field that posts what is typed into it. */
export class Composer {
  /**
   * @param {import("./workspace.js").Workspace} workspace
   * @param {{label: string, thread?: string, id?: string, placeholder?: string}} options
   */
  constructor(workspace, { label, thread, id = newId("text"), placeholder }) {
    this.workspace = workspace;
    this.threadTs = thread;
    this.suggestions = [];
    this.chosen = 0;
    this.list = h("ul", { class: "suggestions", role: "listbox", id: newId("names"), "aria-label": "Names", hidden: true });
    this.text = h("textarea", {
      id,
      rows: 1,
      dir: "auto",
      placeholder,
      autocomplete: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      oninput: () => this.changed(),
      onkeydown: (event) => this.key(event),
      onblur: () => this.suggest([]),
    });
    this.send = h("button", { type: "submit", class: "button primary" }, "Send");
    this.problem = h("p", { class: "error", role: "alert" });
    this.element = h("form", { class: "composer", onsubmit: (event) => {
      event.preventDefault();
      this.post();
    } },
      h("label", { for: id, class: thread ? "unseen" : "composer-label" }, label),
      h("div", { class: "composer-row" }, this.text, this.send, this.list),
      this.problem);
  }

  focus() {
    this.text.focus();
  }

  /** Puts a text into the field for the person to send. */
  fill(text) {
    this.focus();
    this.put(text);
    this.text.setSelectionRange(text.length, text.length);
  }

  changed() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
    const begun = BEGUN_MENTION.exec(this.text.value.slice(0, this.text.selectionStart));
    this.suggest(begun ? this.namesLike(begun[1].toLowerCase()) : []);
  }

  /** The bot first: it is whom people here mostly talk to. */
  namesLike(beginning) {
    return [...this.workspace.users.values()]
      .filter((user) => [user.name, user.real_name].some((name) => name?.toLowerCase().startsWith(beginning)))
      .sort((one, other) => Number(other.id === this.workspace.bot) - Number(one.id === this.workspace.bot))
      .slice(0, 8);
  }

  suggest(users) {
    if (users.length > 0 && this.suggestions.length !== users.length) {
      announce(`${users.length} ${users.length === 1 ? "name" : "names"} to choose from`);
    }
    this.suggestions = users;
    this.list.hidden = users.length === 0;
    fill(this.list, users.map((user) => h("li", {
      role: "option",
      id: newId("name"),
      // Before the field loses the focus.
      onmousedown: (event) => {
        event.preventDefault();
        this.complete(user);
      },
    }, this.workspace.sign(user.id), h("span", {}, `@${user.name}`), h("span", { class: "quiet-text" }, user.real_name))));
    this.choose(0);
  }

  choose(index) {
    this.chosen = index;
    [...this.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
    const active = this.list.children[index];
    if (active) this.text.setAttribute("aria-activedescendant", active.id);
    else this.text.removeAttribute("aria-activedescendant");
  }

  complete(user) {
    const cursor = this.text.selectionStart;
    const begun = this.text.value.slice(0, cursor).replace(/@[\p{L}\p{N}._-]*$/u, `@${user.name} `);
    this.text.value = begun + this.text.value.slice(cursor).replace(/^ /, "");
    this.text.setSelectionRange(begun.length, begun.length);
    this.suggest([]);
  }

  key(event) {
    // Enter that ends the composition of a character sends nothing; 229 is how Safari says so.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.suggestions.length > 0 && this.keyInList(event.key)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.post();
    }
  }

  /** Whether the list of names took the key. */
  keyInList(key) {
    const count = this.suggestions.length;
    if (key === "ArrowDown") this.choose((this.chosen + 1) % count);
    else if (key === "ArrowUp") this.choose((this.chosen + count - 1) % count);
    else if (key === "Enter" || key === "Tab") this.complete(this.suggestions[this.chosen]);
    else if (key === "Escape") this.suggest([]);
    else return false;
    return true;
  }

  async post() {
    const text = this.text.value.trim();
    if (text === "" || isBusy(this.send)) return;
    setBusy(this.send, true);
    fill(this.problem);
    this.put("");
    try {
      await slack.post({
        user: this.workspace.acting.slack,
        channel: config.channel,
        text,
        ...(this.threadTs && { thread_ts: this.threadTs }),
      });
    } catch (failure) {
      fill(this.problem, `Not sent: ${failure.message}`);
      // What was typed in the meantime stays.
      this.put([text, this.text.value].filter((part) => part !== "").join("\n"));
    } finally {
      setBusy(this.send, false);
    }
  }

  put(text) {
    this.text.value = text;
    this.changed();
  }
}

/**
 * The choice of who types and presses buttons here.
 *
 * @param {import("./workspace.js").Workspace} workspace
 */
export function actAs(workspace) {
  const id = newId("acting");
  const options = config.people.map((person) =>
    h("option", { value: person.slack, selected: person === workspace.acting }, person.name));
  return h("div", { class: "act-as" },
    h("label", { for: id }, "You act as"),
    h("select", { id, onchange: (event) => workspace.actAs(event.target.value) }, options));
}

const HINTS_HIDDEN = "hints-hidden";

/**
 * What a newcomer can try, as commands that fill the field.
 *
 * @param {{text: string, about: string}[]} examples
 * @param {(text: string) => void} use
 */
export function hints(examples, use) {
  const list = h("ul", { id: newId("hints"), class: "hints" });
  const toggle = h("button", { type: "button", class: "quiet", "aria-controls": list.id });
  const show = (shown) => {
    list.hidden = !shown;
    toggle.setAttribute("aria-expanded", String(shown));
    toggle.textContent = shown ? "Hide the examples" : "What can I say?";
  };
  toggle.addEventListener("click", () => {
    localStorage.setItem(HINTS_HIDDEN, list.hidden ? "" : "yes");
    show(list.hidden);
  });
  const draw = (newExamples) => fill(list, newExamples.map(({ text, about }) => h("li", {},
    h("button", { type: "button", class: "chip", onclick: () => use(text) }, h("code", {}, text), h("span", {}, about)))));
  draw(examples);
  show(localStorage.getItem(HINTS_HIDDEN) !== "yes");
  return { toggle, list, draw };
}
