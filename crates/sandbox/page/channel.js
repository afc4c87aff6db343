/**
 * The channel: its messages, each kept as it stands now, edits in place and
 * threads below the message they answer.
 */

import { config, follow, slack } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { ask } from "./dialog.js";
import { announce, fill, h, isBusy, newId, redraw, setBusy } from "./dom.js";
import { plainText, renderMrkdwn } from "./mrkdwn.js";
import { clockElement, day } from "./time.js";

/** How far from its end the list may be and still follow new messages, in pixels. */
const NEAR_THE_END = 80;

/** The list of messages. */
export class Channel {
  /**
   * @param {import("./workspace.js").Workspace} workspace
   * @param {HTMLElement} element the scrolling region
   * @param {import("./dialog.js").Modals} modals
   * @param {import("./home.js").HomeTab} home
   */
  constructor(workspace, element, modals, home) {
    this.workspace = workspace;
    this.element = element;
    this.modals = modals;
    this.home = home;
    /** @type {Map<string, object>} messages by ts */
    this.messages = new Map();
    /** @type {Map<string, Entry>} what shows each message that answers none */
    this.entries = new Map();
    this.list = h("ol", { class: "message-list" });
    this.empty = h("p", { class: "empty" }, "Nothing has been said here yet. The commands below are a good beginning.");
    this.jump = h("button", { type: "button", class: "button jump", hidden: true, onclick: () => {
      this.pinned = true;
      this.stayAtEnd();
    } }, "New messages ↓");
    fill(element, this.empty, this.list, this.jump);
    this.pinned = true;
    element.addEventListener("scroll", () => {
      this.pinned = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_THE_END;
      if (this.pinned) this.jump.hidden = true;
    });
    new ResizeObserver(() => this.stayAtEnd()).observe(this.list);
    new ResizeObserver(() => this.stayAtEnd()).observe(element);
  }

  /** Follows the channel for as long as the page is open. */
  follow({ found, lost }) {
    follow("slack/client/events", {
      opened: () => Promise.all([this.load(), this.modals.catchUp(), this.home.catchUp()]).then(found, lost),
      lost,
      events: {
        message: (event) => event.channel === config.channel && this.change(event),
        ephemeral: (event) => this.whisper(event),
        resync: () => this.load().then(found, lost),
        view: ({ user, view }) => user === this.workspace.acting.slack && this.modals.show(user, view),
        home: ({ user, view }) => this.home.show(user, view),
      },
    });
  }

  /** Reads all that is there, also what was missed. */
  async load() {
    const messages = await slack.messages(config.channel);
    const known = new Set(messages.map((message) => message.ts));
    for (const ts of this.messages.keys()) if (!known.has(ts)) this.remove(ts);
    for (const message of messages) this.put(message);
  }

  change({ change, message }) {
    if (change === "deleted") return this.remove(message.ts);
    const before = this.messages.get(message.ts);
    const mine = message.user === this.workspace.acting.slack;
    if (mine && !before && !isReply(message)) this.pinned = true;
    this.put(message);
    if (!mine) this.tell(message, before);
    if (!before) this.jump.hidden = this.pinned || isReply(message);
    const parent = this.messages.get(message.thread_ts);
    if (!before && parent && parent !== message && !this.isBot(parent)) this.entries.get(parent.ts).openThread();
  }

  /** Tells screen readers what is new; an edit only if its words changed. */
  tell(message, before) {
    const words = plainText(message.text, this.workspace.nameOf);
    if (before && plainText(before.text, this.workspace.nameOf) === words) return;
    announce(`${this.workspace.nameOf(this.author(message))}: ${words}`);
  }

  /** A message for one person alone; nothing keeps it. */
  whisper({ channel, user, message, change }) {
    if (channel !== config.channel || user !== this.workspace.acting.slack || change === "deleted") return;
    this.put({ ...message, ephemeral: true });
    this.tell(message);
  }

  put(message) {
    const before = this.messages.get(message.ts);
    if (before && JSON.stringify(before) === JSON.stringify(message)) return;
    this.messages.set(message.ts, message);
    this.empty.hidden = true;
    if (isReply(message)) {
      this.entryOf(message.thread_ts)?.putReply(message);
    } else {
      this.entryOf(message.ts).draw(message);
    }
    this.stayAtEnd();
  }

  /** The entry of a message; made in its place if it is not there yet. */
  entryOf(ts) {
    if (!this.messages.has(ts)) return null;
    let entry = this.entries.get(ts);
    if (!entry) {
      entry = new Entry(this, ts);
      this.entries.set(ts, entry);
      insertInOrder(this.list, entry.element);
      this.markDays();
    }
    return entry;
  }

  remove(ts) {
    this.messages.delete(ts);
    this.entries.get(ts)?.element.remove();
    this.entries.delete(ts);
    this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`)?.remove();
    this.empty.hidden = this.entries.size > 0;
    this.markDays();
  }

  /** Says above the first message of each day which day it is. */
  markDays() {
    let last = null;
    for (const item of this.list.children) {
      const name = day(dateOf(item.dataset.ts));
      item.toggleAttribute("data-first-of-day", name !== last);
      item.dataset.day = name;
      last = name;
    }
  }

  stayAtEnd() {
    if (this.pinned) this.element.scrollTop = this.element.scrollHeight;
  }

  author(message) {
    return message.user ?? this.workspace.bot;
  }

  isBot(message) {
    return this.author(message) === this.workspace.bot;
  }

  /** The head and the body of one message. */
  renderMessage(message) {
    const author = this.author(message);
    const around = {
      nameOf: this.workspace.nameOf,
      act: (block, element, choice, control) => this.act(message, block, element, choice, control),
    };
    // What people write comes as text and, once more, as a block of rich text.
    const blocks = message.blocks?.filter((block) => block.type !== "rich_text") ?? [];
    const body = blocks.length > 0
      ? renderBlocks(blocks, around)
      : h("div", { class: "block" }, renderMrkdwn(message.text, this.workspace.nameOf));
    return h("article", { class: "message", "aria-label": `Message of ${this.workspace.nameOf(author)}` },
      this.workspace.sign(author),
      h("header", {},
        h("span", { class: "author" }, this.workspace.nameOf(author)),
        author === this.workspace.bot && h("span", { class: "app" }, "app"),
        clockElement(dateOf(message.ts)),
        message.edited && h("span", { class: "edited" }, "edited"),
        message.ephemeral && h("span", { class: "edited" }, "only you can see this")),
      h("div", { class: "body" }, body),
      h("p", { class: "error", role: "alert" }));
  }

  async act(message, block, element, choice, control) {
    const around = { nameOf: this.workspace.nameOf };
    const user = this.workspace.acting.slack;
    if (element.confirm && !(await ask(element.confirm, around, control))) return;
    if (isBusy(control)) return;
    this.complain(message, null);
    setBusy(control, true);
    this.modals.expect(control);
    try {
      await slack.act({
        user,
        channel: config.channel,
        message_ts: message.ts,
        block_id: block.block_id,
        action_id: element.action_id,
        ...choice,
      });
    } catch (failure) {
      this.complain(message, failure.message);
    } finally {
      setBusy(control, false);
    }
  }

  /** Says below a message what went wrong with it. */
  complain({ ts }, words) {
    const place = this.list.querySelector(`[data-ts="${CSS.escape(ts)}"] > .message > .error`);
    if (place) fill(place, words);
  }
}

/** A message that answers none, with its thread. */
class Entry {
  constructor(channel, ts) {
    this.channel = channel;
    this.ts = ts;
    this.replies = h("ol", { class: "replies" });
    this.composerPlace = h("div");
    this.thread = h("div", { class: "thread", id: newId("thread"), hidden: true }, this.replies, this.composerPlace);
    this.toggle = h("button", {
      type: "button",
      class: "quiet thread-toggle",
      "aria-controls": this.thread.id,
      onclick: () => (this.thread.hidden ? this.openThread({ focus: true }) : this.closeThread()),
    });
    this.closeThread();
    this.place = h("div");
    this.element = h("li", { "data-ts": ts }, this.place, this.toggle, this.thread);
  }

  /** Shows the message as it stands now; the focus stays where it was. */
  draw(message) {
    redraw(this.element, () => this.place.replaceWith(this.channel.renderMessage(message)));
    this.place = this.element.firstElementChild;
  }

  putReply(message) {
    const shown = this.replies.querySelector(`[data-ts="${CSS.escape(message.ts)}"]`);
    const rendered = this.channel.renderMessage(message);
    if (shown) redraw(shown, () => fill(shown, rendered));
    else insertInOrder(this.replies, h("li", { "data-ts": message.ts }, rendered));
    this.label();
  }

  openThread({ focus = false } = {}) {
    this.composer ??= this.makeComposer();
    this.thread.hidden = false;
    this.label();
    if (focus) this.composer.focus();
  }

  closeThread() {
    this.thread.hidden = true;
    this.label();
  }

  makeComposer() {
    const composer = new Composer(this.channel.workspace, { label: "Reply in this thread", thread: this.ts });
    this.composerPlace.append(composer.element);
    return composer;
  }

  label() {
    const count = this.replies.childElementCount;
    const replies = count === 0 ? "Reply" : count === 1 ? "1 reply" : `${count} replies`;
    this.toggle.textContent = this.thread.hidden ? replies : "Close thread";
    this.toggle.classList.toggle("has-replies", count > 0);
    this.toggle.setAttribute("aria-expanded", String(!this.thread.hidden));
  }
}

/** Puts an item where its ts belongs. */
function insertInOrder(list, item) {
  const next = [...list.children].find((other) => other.dataset.ts > item.dataset.ts);
  list.insertBefore(item, next ?? null);
}

/** A message that answers another one. */
function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

function dateOf(ts) {
  return new Date(Number(ts) * 1000);
}
