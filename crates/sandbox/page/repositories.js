/**
 * The repositories beside the channel, a tab each: what the environments run
 * and serve, and the newest commits with their checks.
 */

import { config } from "./api.js";
import { copy, fill, h, link, redraw } from "./dom.js";
import { readRepository } from "./github.js";
import { agoElement } from "./time.js";

/** How long to wait before reading again what could not be read, in milliseconds. */
const RETRY = 3_000;

/** How long to wait for more hints before reading again, in milliseconds. */
const GATHER = 120;

const CHECK_SIGNS = { passed: "✓", failed: "✗", running: "…", none: "–" };

/** The tabs and what each shows; says `changed` when a repository was read. */
export class Repositories extends EventTarget {
  /**
   * @param {HTMLElement} element
   * @param {(command: string) => void} say puts a command into the composer
   */
  constructor(element, say) {
    super();
    this.say = say;
    /** @type {Map<string, import("./github.js").Repository>} */
    this.known = new Map();
    this.tabs = config.repositories.map((fullName) => new Tab(this, fullName));
    const list = h("div", { role: "tablist", "aria-labelledby": "repositories-name", class: "tabs", onkeydown: (event) => this.key(event) },
      this.tabs.map((tab) => tab.button));
    element.append(list, ...this.tabs.map((tab) => tab.panel));
    this.select(this.tabs[0]);
  }

  /** Reads a repository again, or all of them. */
  refresh(fullName) {
    const wanted = fullName?.toLowerCase();
    for (const tab of this.tabs) {
      if (!wanted || tab.fullName.toLowerCase() === wanted) tab.hint();
    }
  }

  /** The tab of a repository, to put something on top of it. */
  tab(fullName) {
    return this.tabs.find((tab) => tab.fullName === fullName);
  }

  select(chosen) {
    for (const tab of this.tabs) tab.show(tab === chosen);
  }

  /** Arrow keys, Home and End go from tab to tab. */
  key(event) {
    const at = this.tabs.findIndex((tab) => tab.button === document.activeElement);
    const last = this.tabs.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.select(this.tabs[to]);
    this.tabs[to].button.focus();
  }
}

/** One repository. */
class Tab {
  constructor(repositories, fullName) {
    this.repositories = repositories;
    this.fullName = fullName;
    const name = fullName.split("/")[1];
    const id = `tab-${name}`;
    this.top = h("div");
    this.problem = h("p", { class: "error", role: "alert" });
    this.environments = h("div", { class: "environments" }, h("p", { class: "quiet-text" }, "Reading…"));
    this.commits = h("ol", { class: "commits" }, h("li", { class: "quiet-text" }, "Reading…"));
    this.shownEnvironments = new Map();
    this.button = h("button", {
      type: "button", role: "tab", id, "aria-controls": `panel-${name}`, onclick: () => repositories.select(this),
    }, name);
    this.panel = h("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": id, tabindex: "0" },
      this.problem,
      this.top,
      h("h3", {}, "Environments"), this.environments,
      h("h3", {}, "Newest commits"), this.commits);
  }

  show(shown) {
    this.button.setAttribute("aria-selected", String(shown));
    this.button.tabIndex = shown ? 0 : -1;
    this.panel.hidden = !shown;
  }

  /** Something may have changed: reads again soon, once for many hints. */
  hint(after = GATHER) {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.read();
    }, after);
  }

  /** One reading at a time; a hint that comes meanwhile is followed by another. */
  async read() {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    try {
      const repository = await readRepository(this.fullName);
      this.draw(repository);
      fill(this.problem);
      this.repositories.known.set(this.fullName, repository);
      this.repositories.dispatchEvent(new CustomEvent("changed", { detail: repository }));
    } catch (failure) {
      fill(this.problem, `${this.fullName} can't be read: ${failure.message} Trying again…`);
      this.hint(RETRY);
    } finally {
      this.reading = false;
      if (this.again) this.hint();
      this.again = false;
    }
  }

  draw(repository) {
    if (this.shownEnvironments.size === 0) {
      fill(this.environments, repository.environments.length === 0 && h("p", { class: "quiet-text" }, "There is no environment to deploy to yet."));
    }
    for (const environment of repository.environments) this.drawEnvironment(repository, environment);
    redraw(this.commits, () => fill(this.commits, repository.commits.map((commit) => this.renderCommit(repository, commit))));
  }

  /** Draws an environment; its picture is loaded anew only when it serves something else. */
  drawEnvironment(repository, environment) {
    let shown = this.shownEnvironments.get(environment.name);
    if (!shown) {
      shown = { text: h("div", { class: "environment-text" }), picture: h("div", { class: "picture" }), serves: null };
      this.shownEnvironments.set(environment.name, shown);
      this.environments.append(h("section", { class: "environment", "aria-label": `${environment.name} of ${repository.name}` }, shown.text, shown.picture));
    }
    redraw(shown.text, () => fill(shown.text, describeEnvironment(repository, environment)));
    const { live } = environment;
    const serves = live && `${live.sha} ${live.since}`;
    if (serves === shown.serves) return;
    shown.serves = serves;
    fill(shown.picture, live?.url && picture(repository, environment));
  }

  renderCommit(repository, commit) {
    const short = commit.sha.slice(0, 7);
    const liveIn = repository.environments.filter((environment) => environment.live?.sha === commit.sha);
    const command = `@deploybot deploy ${repository.name} ${repository.environments[0]?.name ?? "production"} ${short}`;
    return h("li", { class: "commit", "data-sha": commit.sha },
      h("div", { class: "commit-line" },
        link(commit.url, h("code", {}, short)), " ",
        h("span", { class: "headline" }, commit.headline)),
      h("div", { class: "commit-about" },
        renderChecks(commit.checks),
        h("span", {}, `${commit.author} · `, agoElement(commit.date)),
        liveIn.map((environment) => h("span", { class: "live-in" }, `live in ${environment.name}`))),
      h("div", { class: "commit-buttons" },
        h("button", {
          type: "button", class: "quiet", "data-key": `copy ${commit.sha}`, "aria-label": `Copy SHA ${short}`,
          onclick: (event) => copy(event.currentTarget, commit.sha),
        }, "Copy SHA"),
        h("button", {
          type: "button", class: "quiet", "data-key": `deploy ${commit.sha}`, "aria-label": `Deploy this… ${short}`,
          onclick: () => this.repositories.say(command),
        }, "Deploy this…")));
  }
}

/** Checks in a sign and in words. */
export function renderChecks(checks) {
  const words = {
    passed: "checks passed",
    failed: `failed: ${checks.failed.join(", ")}`,
    running: `checks running (${checks.done} of ${checks.total})`,
    none: "no checks",
  }[checks.state];
  return h("span", { class: `checks ${checks.state}` }, h("span", { "aria-hidden": "true" }, CHECK_SIGNS[checks.state]), ` ${words}`);
}

function describeEnvironment(repository, environment) {
  const { name, live, running, failed } = environment;
  return [
    h("h4", {}, live?.url ? link(live.url, [name, h("span", { class: "unseen" }, ": open what it serves")]) : name),
    live
      ? h("p", {}, h("code", {}, live.sha.slice(0, 7)), " ", live.headline)
      : h("p", { class: "quiet-text" }, "Nothing was ever deployed here."),
    live && h("p", { class: "quiet-text" }, "live since ", agoElement(live.since), ` · ${behindWords(repository, live)}`),
    running && h("p", { class: "running" }, h("code", {}, running.sha.slice(0, 7)), ` is going out: ${running.words}`),
    failed && h("p", { class: "failed" }, h("code", {}, failed.sha.slice(0, 7)), ` did not get here: ${failed.words}`),
  ];
}

function behindWords(repository, live) {
  if (live.behind === null) return `not on ${repository.branch}`;
  if (live.behind === 0) return "up to date";
  return `${live.behind} ${live.behind === 1 ? "commit" : "commits"} behind ${repository.branch}`;
}

/** What an environment serves, small and without any rights. */
function picture(repository, environment) {
  const address = new URL(environment.live.url);
  if (address.host !== location.host) address.host = location.host;
  return h("iframe", {
    src: address.href,
    sandbox: true,
    loading: "lazy",
    tabindex: "-1",
    title: `What ${environment.name} of ${repository.name} serves`,
  });
}
