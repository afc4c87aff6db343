// A real headless Chromium walks the first day: adds a name, watches its
// checks, deploys it, sees it in production; asks status, history, help, and
// says three wrong things. Takes a screenshot at each stop.
// Usage: node browser.mjs PAGE_URL SCREENSHOT_FOLDER
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, env } from "node:process";
import { chromium } from "playwright-core";

const [url, folder] = argv.slice(2);
mkdirSync(folder, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), "deploybot-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: env.CHROMIUM ?? "/usr/bin/chromium",
  viewport: { width: 1360, height: 900 },
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  await walk(browser.pages()[0] ?? (await browser.newPage()));
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

async function walk(page) {
  page.setDefaultTimeout(30_000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} ${message.location().url}`);
  });
  let stop = 0;
  const picture = async (name) => {
    stop += 1;
    await page.screenshot({ path: join(folder, `${String(stop).padStart(2, "0")}-${name}.png`) });
  };

  await page.goto(url);
  const messages = page.getByRole("region", { name: "Messages" });
  await page.getByText("GitHub and Slack are simulated here").waitFor();
  await page.getByRole("tab", { name: "people" }).click();
  await picture("arrival");

  // Says something, and waits for an answer of the bot's own that was not there
  // before.
  const answer = async (text, expected) => {
    const ofBot = messages.getByRole("article", { name: "Message of deploybot" }).filter({ hasText: expected });
    const before = await ofBot.count();
    await page.locator("#composer-text").fill(text);
    await page.keyboard.press("Escape");
    await page.locator("#composer-text").press("Enter");
    await ofBot.nth(before).waitFor();
  };

  await answer("@deploybot status people", /newest 5/);
  await picture("status");

  // The name holds what a page and a chat must not take for markup.
  const name = "Robin O'Neil & Söhne";
  await page.getByLabel("Add your name").fill(" ");
  await page.getByRole("button", { name: "Add and merge" }).click();
  await page.getByText("Type your name first.").waitFor();
  await page.getByLabel("Add your name").fill(name);
  await page.getByRole("button", { name: "Add and merge" }).click();
  const insert = page.getByRole("button", { name: "Put it into the message field" });
  await page.getByText("Merged").waitFor();
  await picture("merged");
  await insert.waitFor();
  await picture("checked");

  await insert.click();
  const command = await page.locator("#composer-text").inputValue();
  assert.match(command, /^@deploybot deploy people production [0-9a-f]{7}$/);
  const sha = command.slice(-7);
  await page.locator("#composer-text").press("Escape");
  await page.locator("#composer-text").press("Enter");
  await messages.getByText(/accepted|rolling out|built/).nth(0).waitFor();
  await picture("going-out");
  await messages.getByText(`is live in production`).filter({ hasText: sha }).nth(0).waitFor();
  await page.getByText("You are live in production").first().waitFor();
  await picture("live");

  const link = page.getByRole("link", { name: "See yourself on the team page" });
  const production = await page.context().newPage();
  await production.goto(await link.getAttribute("href"));
  await production.getByText(name, { exact: true }).waitFor();
  await production.screenshot({ path: join(folder, "production.png") });
  await production.close();

  await answer("@deploybot history people", /deployments .*Add Robin O'Neil/);
  await picture("history");
  await answer("@deploybot help", /Mention me with a command/);
  await picture("help");

  // Refusals of form go to the thread of the message that asked.
  await answer("@deploybot depoy people production abcdef0", /Did you mean .*deploy people production abcdef0/);
  await answer(`@deploybot deploy people prodution ${sha}`, /Did you mean .*production/);
  await answer("@deploybot status peple", /no repository .*Did you mean .*people/);
  await picture("wrong-commands");

  await page.emulateMedia({ colorScheme: "dark" });
  await picture("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `no sideways scrolling at 390 px, but the page is ${wide} px wide`);
  await picture("narrow-channel");
  await page.getByRole("button", { name: "Repositories" }).click();
  await picture("narrow-repositories");

  assert.deepEqual(problems, []);
  console.log(`browser: walked the first day, ${stop} screenshots`);
}
