/**
 * The people of the channel, and which of them is at the keyboard.
 */

import { config, slack } from "./api.js";
import { h } from "./dom.js";

const REMEMBERED = "acting";

/** The workspace, with the person who acts; says `acting` when that changes. */
export class Workspace extends EventTarget {
  /** Reads it from the Slack simulator. */
  static async load() {
    const told = await slack.workspace();
    const workspace = new Workspace();
    workspace.users = new Map(told.users.map((user) => [user.id, user]));
    workspace.channels = new Map(told.channels.map((channel) => [channel.id, channel]));
    workspace.channel = workspace.channels.get(config.channel);
    workspace.bot = told.me_bot;
    const remembered = config.people.find((person) => person.slack === localStorage.getItem(REMEMBERED));
    workspace.acting = remembered ?? config.people[0];
    return workspace;
  }

  /** Lets another person act. */
  actAs(slackId) {
    this.acting = config.people.find((person) => person.slack === slackId);
    localStorage.setItem(REMEMBERED, slackId);
    this.dispatchEvent(new Event("acting"));
  }

  /** The name people know a user or a channel by; an id that nobody has is shown as it is. */
  nameOf = (id) => {
    const known = id.split("|")[0];
    return (this.users.get(known) ?? this.channels.get(known))?.name ?? id;
  };

  /** The sign beside someone's words: the first letter of the name. */
  sign(id) {
    const place = [...this.users.keys()].indexOf(id);
    const name = this.nameOf(id);
    return h("span", { class: "sign", "data-tone": id === this.bot ? "bot" : place % 4, "aria-hidden": "true" },
      id === this.bot ? "↑" : name.slice(0, 1).toUpperCase());
  }
}
