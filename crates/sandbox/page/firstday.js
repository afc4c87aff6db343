/**
 * The first day: a newcomer adds their own name to the team page, sees the
 * checks of that commit pass, deploys it with the bot, and finds themselves in
 * production.
 */

import { config, github } from "./api.js";
import { announce, copy, fill, h, isBusy, link, redraw, setBusy } from "./dom.js";
import { renderChecks } from "./repositories.js";

const REMEMBERED = "first-day";
const LONGEST_NAME = 80;

/** How often a name is added to the page as it has become meanwhile. */
const ATTEMPTS = 3;

/** Characters that have no shape of their own, or turn the text around them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** The two joiners that some scripts write names with, between letters. */
const JOINERS = /(?<=[\p{L}\p{M}])[\u200C\u200D](?=\p{L})/gu;

/** The card on top of the repository's tab. */
export class FirstDay {
  /**
   * @param {import("./workspace.js").Workspace} workspace
   * @param {import("./repositories.js").Repositories} repositories
   * @param {(command: string) => void} say
   */
  constructor(workspace, repositories, say) {
    this.workspace = workspace;
    this.say = say;
    this.place = config.first_day;
    this.tab = repositories.tab(this.place.repository);
    this.added = JSON.parse(sessionStorage.getItem(REMEMBERED) ?? "null");
    this.stage = null;
    this.form = this.renderForm();
    this.steps = h("ol", { class: "steps" });
    this.title = h("h3", { id: "first-day-title", tabindex: "-1" }, "Your first day: put yourself into production");
    this.tab.top.append(h("section", { class: "card first-day", "aria-labelledby": "first-day-title" },
      this.title, this.form, this.steps));
    repositories.addEventListener("changed", ({ detail }) => {
      if (detail.fullName === this.place.repository) this.draw(detail);
    });
  }

  renderForm() {
    this.name = h("input", { id: "first-day-name", type: "text", autocomplete: "off", "aria-describedby": "first-day-hint first-day-error" });
    this.button = h("button", { type: "submit", class: "button primary" }, "Add and merge");
    this.error = h("p", { class: "error", id: "first-day-error", role: "alert" });
    return h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.add();
    } },
      h("label", { for: "first-day-name" }, "Add your name"),
      h("p", { class: "hint", id: "first-day-hint" },
        "This commits a line to ", h("code", {}, this.place.file), " of ", h("code", {}, this.place.repository), ", as a merged pull request would."),
      h("div", { class: "form-row" }, this.name, this.button),
      this.error);
  }

  async add() {
    if (isBusy(this.button)) return;
    const name = this.name.value.normalize("NFC").trim().replace(/\p{Zs}+/gu, " ");
    const wrong = whatIsWrongWith(name);
    this.refuse(wrong);
    if (wrong) return;
    setBusy(this.button, true);
    try {
      const sha = await addToPage(this.place, name, this.workspace.acting);
      this.remember({ name, sha });
      this.tab.hint();
    } catch (failure) {
      this.refuse(failure.message);
    } finally {
      setBusy(this.button, false);
    }
  }

  refuse(words) {
    fill(this.error, words);
    this.name.setAttribute("aria-invalid", words ? "true" : "false");
    if (words) this.name.focus();
  }

  remember(added) {
    this.added = added;
    this.stage = null;
    if (added) sessionStorage.setItem(REMEMBERED, JSON.stringify(added));
    else sessionStorage.removeItem(REMEMBERED);
  }

  /** Shows how far the newcomer has come. */
  draw(repository) {
    const place = this.added ? repository.commits.findIndex((commit) => commit.sha === this.added.sha) : -1;
    const hadFocus = this.form.contains(document.activeElement);
    this.form.hidden = place !== -1;
    this.steps.hidden = place === -1;
    if (place === -1) return;
    if (hadFocus) this.title.focus();
    const progress = this.progress(repository, place);
    // Drawn anew only when something changed, so that the focus stays.
    const stage = JSON.stringify(progress);
    if (stage === this.stage) return;
    this.stage = stage;
    redraw(this.steps, () => fill(this.steps, this.renderSteps(repository.commits[place], progress)));
    announce(progress.words);
  }

  /** How far: what its checks say, and whether it has reached the environment. */
  progress(repository, place) {
    const { sha, checks } = repository.commits[place];
    const environment = repository.environments.find(({ name }) => name === this.place.environment);
    const livePlace = repository.commits.findIndex((commit) => commit.sha === environment?.live?.sha);
    const live = livePlace !== -1 && livePlace <= place;
    const running = environment?.running?.sha === sha ? environment.running.words : null;
    const failed = environment?.failed?.sha === sha ? environment.failed.words : null;
    const words = live ? `You are live in ${this.place.environment}`
      : running ? `Going out: ${running}`
      : failed ? `The deployment failed: ${failed}`
      : checks.state === "passed" ? "Checks passed. You can deploy now."
      : checks.state === "failed" ? `Checks failed: ${checks.failed.join(", ")}`
      : `Checks running, ${checks.done} of ${checks.total}`;
    return { checks, live, running, failed, words, url: environment?.live?.url ?? null };
  }

  renderSteps(commit, progress) {
    const short = commit.sha.slice(0, 7);
    const passed = progress.checks.state === "passed";
    return [
      step("done", "Merged", h("p", {}, link(commit.url, h("code", {}, short)), ` ${commit.headline}`)),
      step(passed ? "done" : "now", "Checked", h("p", {}, renderChecks(progress.checks))),
      step(progress.live ? "done" : passed ? "now" : "later", "Deployed", passed && !progress.live && this.renderDeploy(commit, progress)),
      step(progress.live ? "done" : "later", progress.live ? "You are live in production" : "Live", progress.live && this.renderLive(progress)),
    ];
  }

  renderDeploy(commit, progress) {
    if (progress.running) return h("p", {}, progress.running);
    const repository = this.place.repository.split("/")[1];
    const command = `@deploybot deploy ${repository} ${this.place.environment} ${commit.sha.slice(0, 7)}`;
    return [
      progress.failed && h("p", { class: "failed" }, `It did not get there: ${progress.failed}`),
      h("p", {}, "Say this in the channel:"),
      h("p", { class: "command" }, h("code", {}, command)),
      h("p", { class: "form-row" },
        h("button", { type: "button", class: "button primary", onclick: () => this.say(command) }, "Put it into the message field"),
        h("button", { type: "button", class: "button", onclick: (event) => copy(event.currentTarget, command) }, "Copy")),
    ];
  }

  renderLive(progress) {
    return [
      h("p", {}, `${this.added.name}, welcome. `, progress.url && link(progress.url, "See yourself on the team page")),
      h("p", {}, h("button", { type: "button", class: "quiet", onclick: () => {
        this.remember(null);
        this.name.value = "";
        this.form.hidden = false;
        this.steps.hidden = true;
        this.name.focus();
      } }, "Add someone else")),
    ];
  }
}

const STATE_SIGNS = { done: ["✓", "done"], now: ["•", "now"], later: ["○", "later"] };

function step(state, title, ...content) {
  const [sign, words] = STATE_SIGNS[state];
  return h("li", { class: state, "aria-current": state === "now" ? "step" : null },
    h("p", { class: "step-title" },
      h("span", { class: "step-sign", "aria-hidden": "true" }, sign), title, h("span", { class: "unseen" }, ` (${words})`)),
    content);
}

/** Why a name can't be added, for people; nothing when it can. */
function whatIsWrongWith(name) {
  if (name === "") return "Type your name first.";
  if ([...name].length > LONGEST_NAME) return `That is ${[...name].length} characters. Please keep it to ${LONGEST_NAME}.`;
  if (INVISIBLE.test(name.replace(JOINERS, ""))) return "There is an invisible character in that name. Please type the name instead of pasting it.";
  if (/[<>]/.test(name)) return "Please leave out < and >. The team page shows names as plain text, not HTML.";
  if (!/\p{L}/u.test(name)) return "A name needs at least one letter.";
  return null;
}

/** Commits a line with the name, and answers the commit's SHA. When somebody else was faster, it begins again. */
async function addToPage(place, name, person) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await addOnce(place, name, person);
    } catch (failure) {
      if (failure.status !== 409 || attempt === ATTEMPTS) throw failure;
    }
  }
}

async function addOnce({ repository, file, marker }, name, person) {
  const path = `repos/${repository}/contents/${file}`;
  const { content, sha } = await github(path);
  const page = fromBase64(content);
  const line = `<li>${escapeHtml(name)}</li>`;
  if (page.includes(line)) throw new Error(`${name} is on the page already.`);
  const at = page.indexOf(marker);
  if (at === -1) throw new Error(`${file} has no line that says where to add a name.`);
  const indent = /[ \t]*$/.exec(page.slice(0, at))[0];
  const changed = `${page.slice(0, at)}${line}\n${indent}${page.slice(at)}`;
  const message = `Add ${name} to the team page`;
  const answer = await github(path, { method: "PUT", token: person.token, body: { message, content: toBase64(changed), sha } });
  return answer.commit.sha;
}

function escapeHtml(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

function fromBase64(text) {
  return new TextDecoder().decode(Uint8Array.from(atob(text.replace(/\s/g, "")), (character) => character.charCodeAt(0)));
}

function toBase64(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
