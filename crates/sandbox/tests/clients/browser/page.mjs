// What all walks through the page share: a real headless Chromium, a channel
// in which one asks and is answered, and a screenshot at each stop. Whatever
// the page complains about in its console fails the walk.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { argv, env } from "node:process";
import { chromium } from "playwright-core";

const [address, folder] = argv.slice(2);

/** The page that is walked through. */
export const url = address;

/** How long anything may take, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Opens the page in a browser of its own, walks, and closes it.
 *
 * @param {string} name what is walked, which begins the names of the screenshots
 * @param {(visit: Visit) => Promise<void>} steps
 */
export async function walk(name, steps) {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: "en-US", reducedMotion: "reduce" });
    const visit = new Visit(name, await context.newPage());
    try {
      await visit.page.goto(url);
      await visit.text.waitFor();
      await steps(visit);
    } catch (failure) {
      await visit.picture("failed");
      throw failure;
    }
    assert.deepEqual(visit.problems, []);
    console.log(`browser: walked ${name}, ${visit.stops} screenshots`);
  } finally {
    await browser.close();
  }
}

/** One page that is open, and what one does on it. */
export class Visit {
  constructor(name, page) {
    this.name = name;
    this.page = page;
    this.stops = 0;
    this.problems = [];
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => this.problems.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(`console: ${message.text()} ${message.location().url}`);
    });
    this.text = page.locator("#composer-text");
    this.messages = page.getByRole("region", { name: "Messages" });
    this.dialog = page.getByRole("dialog");
    /** What the dialog behind Deploy… says once it knows. */
    this.verdict = this.dialog.locator("form").getByText(/^✅ Ready for|It may not go to/);
  }

  /** What the bot has said, and only messages that hold this text. */
  ofBot(text) {
    return this.messages.getByRole("article", { name: "Message of deploybot" }).filter({ hasText: text });
  }

  /** Says something, with the list of names closed. */
  async say(text) {
    await this.text.fill(text);
    await this.text.press("Escape");
    await this.text.press("Enter");
  }

  /** Says something, and waits for an answer of the bot that was not there before. */
  async ask(text, expected) {
    const answers = this.ofBot(expected);
    const before = await answers.count();
    await this.say(text);
    await answers.nth(before).waitFor();
    return answers.nth(before);
  }

  async picture(stop) {
    this.stops += 1;
    const number = String(this.stops).padStart(2, "0");
    await this.page.screenshot({ path: join(folder, `${this.name}-${number}-${stop}.png`), animations: "disabled" });
  }

  /** Presses a key until the focus is where it is wanted. */
  async press(key, wanted) {
    const reached = [];
    for (let times = 0; times < 60; times += 1) {
      await this.page.keyboard.press(key);
      if (await hasFocus(wanted)) return;
      reached.push(await this.focused());
    }
    assert.fail(`${key} reached only ${reached.join(", ")}`);
  }

  /** Waits until a control has the focus. */
  async focusOn(wanted, why) {
    const end = Date.now() + PATIENCE;
    while (!(await hasFocus(wanted))) {
      assert.ok(Date.now() < end, `${why}, but the focus is on ${await this.focused()}`);
      await this.page.evaluate(() => new Promise(requestAnimationFrame));
    }
  }

  /** The element that has the focus, in words. */
  focused() {
    return this.page.evaluate(() => {
      const { tagName, ariaLabel, textContent } = document.activeElement;
      return `${tagName} ${JSON.stringify((ariaLabel ?? textContent).trim().slice(0, 40))}`;
    });
  }

  /** Merges a commit as somebody else would, and waits until its checks have passed. */
  async merge(repository, message) {
    const sha = await commit(repository, message);
    await this.page.locator(`li[data-sha="${sha}"] .checks.passed`).waitFor();
    return sha.slice(0, 7);
  }

  /** Nothing is wider than the window. */
  async fitsWidth(where) {
    const [wide, window] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(wide <= window, `${where} is ${wide} px wide in a window of ${window} px`);
  }
}

async function hasFocus(locator) {
  return (await locator.count()) > 0 && locator.first().evaluate((element) => element === document.activeElement);
}

async function commit(repository, message) {
  const config = await (await fetch(new URL("config.json", url))).json();
  const file = new URL(`github/api/v3/repos/${repository}/contents/notes/${Date.now()}.txt`, url);
  const answer = await fetch(file, {
    method: "PUT",
    headers: { authorization: `Bearer ${config.people[0].token}`, "content-type": "application/json" },
    body: JSON.stringify({ message, content: btoa(message) }),
  });
  assert.equal(answer.status, 201);
  return (await answer.json()).commit.sha;
}
