// A newcomer walks the first day: adds a name, watches its checks, deploys it,
// sees it in production; asks status, history and help, and says three wrong
// things. In the middle of the deployment the page is loaded anew.
// Usage: node first-day.mjs PAGE_URL SCREENSHOT_FOLDER
import assert from "node:assert/strict";
import { url, walk } from "./page.mjs";

/** It holds what a page and a chat must not take for markup. */
const NAME = "Robin O'Neil & Söhne";

/** Names that nobody could read, and what is said of each. */
const REFUSED = [
  [" ", "Type your name first."],
  ["\u200B", /invisible character/],
  ["\u3164", /invisible character/],
  ["Rob\u200Bin", /invisible character/],
  ["Rob\u00ADin", /invisible character/],
  ["Rob\u2060in", /invisible character/],
  ["Rob\uFEFFin", /invisible character/],
  ["\u202ERobin", /invisible character/],
  ["\u200D\u200C", /invisible character/],
  ["<b>Robin</b>", /leave out < and >/],
  ["42", "A name needs at least one letter."],
  ["a".repeat(81), "That is 81 characters. Please keep it to 80."],
  ["a".repeat(20_000), "That is 20000 characters. Please keep it to 80."],
];

await walk("first-day", async (visit) => {
  const { page, text, messages } = visit;
  await page.getByText("GitHub and Slack are simulated here").waitFor();
  await page.getByRole("tab", { name: "people" }).click();
  await page.getByRole("region", { name: "staging of people" }).waitFor();
  await visit.picture("arrival");
  await visit.ask("@deploybot status people", /newest 5/);
  await visit.picture("status");

  const name = page.getByLabel("Add your name");
  const add = page.getByRole("button", { name: "Add and merge" });
  for (const [refused, why] of REFUSED) {
    await name.fill(refused);
    await add.click();
    await page.locator("#first-day-error").filter({ hasText: why }).waitFor();
    await visit.focusOn(name, "a refused name can be typed anew");
  }
  await visit.picture("refused-name");

  // A name that needs a joiner is as good as any.
  await addName(visit, "نام\u200Cها");
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await name.waitFor();

  await addName(visit, NAME);
  await visit.focusOn(page.locator("#first-day-title"), "the form has gone, so its heading has the focus");
  await visit.picture("merged");
  const insert = page.getByRole("button", { name: "Put it into the message field" });
  await insert.waitFor();
  await visit.picture("checked");

  await insert.click();
  const command = await text.inputValue();
  assert.match(command, /^@deploybot deploy people production [0-9a-f]{7}$/);
  const sha = command.slice(-7);
  await visit.say(command);
  await messages.getByText(/accepted|rolling out|built/).last().waitFor();
  await visit.picture("going-out");
  await page.reload();
  await visit.ofBot(/is live in production/).filter({ hasText: sha }).waitFor();
  await page.locator(".step-title", { hasText: "You are live in production" }).waitFor();
  await visit.picture("live");

  await page.goto(await page.getByRole("link", { name: "See yourself on the team page" }).getAttribute("href"));
  await page.getByText(NAME, { exact: true }).waitFor();
  await visit.picture("production");
  await page.goBack();
  await page.locator(".step-title", { hasText: "You are live in production" }).waitFor();

  await visit.ask("@deploybot history people", /deployments .*Add Robin O'Neil/);
  await visit.picture("history");
  await visit.ask("@deploybot help", /Mention me with a command/);
  await visit.picture("help");

  // Refusals of form go to the thread of the message that asked.
  await visit.ask("@deploybot depoy people production abcdef0", /Did you mean .*deploy people production abcdef0/);
  await visit.ask(`@deploybot deploy people prodution ${sha}`, /Did you mean .*production/);
  await visit.ask("@deploybot status peple", /no repository .*Did you mean .*people/);
  await visit.picture("wrong-commands");
  assert.equal(page.url(), url);
});

/** Adds a name; a second click in a hurry adds nothing. */
async function addName({ page }, name) {
  await page.getByLabel("Add your name").fill(name);
  await page.getByRole("button", { name: "Add and merge" }).dblclick();
  await page.locator(".step-title", { hasText: "Merged" }).waitFor();
  const commits = page.locator(".headline", { hasText: `Add ${name} to the team page` });
  assert.equal(await commits.count(), 1);
}
