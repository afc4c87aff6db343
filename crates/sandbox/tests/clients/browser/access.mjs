// Whether everybody can use the page: names for screen readers, a focus that
// can be seen, news that is read out, contrast in both schemes, and a narrow
// window. What the browser itself computes is what counts.
// Usage: node access.mjs PAGE_URL SCREENSHOT_FOLDER
import assert from "node:assert/strict";
import { walk } from "./page.mjs";

/** What needs a name. */
const NAMED = ["button", "link", "textbox", "combobox", "tab", "tabpanel", "option", "listbox", "dialog", "region", "article", "navigation", "image", "Iframe"];

await walk("access", async (visit) => {
  const { page } = visit;
  await page.getByRole("region", { name: "staging of people" }).waitFor();
  const answer = await visit.ask("@deploybot status people", /newest 5/);
  const announced = await page.locator("#announcer[aria-live=polite]").textContent();
  assert.match(announced, /deploybot: .*people/, "what the bot says is read out");
  await visit.ask("@deploybot help", /Mention me with a command/);
  await check(visit, "the page");
  await focusCanBeSeen(page);

  const open = answer.getByRole("button", { name: /^Deploy/ }).first();
  await open.click();
  await visit.verdict.waitFor();
  await check(visit, "the dialog");
  await page.keyboard.press("Escape");
  await visit.dialog.waitFor({ state: "detached" });

  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await check(visit, "the page, dark");
  await visit.picture("dark");
  await open.click();
  await visit.verdict.waitFor();
  await check(visit, "the dialog, dark");
  await visit.picture("dark-dialog");
  await page.keyboard.press("Escape");
  await visit.dialog.waitFor({ state: "detached" });

  await page.setViewportSize({ width: 390, height: 844 });
  await narrow(visit, open);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await visit.picture("narrow-light");
});

/** Both sides and the dialog at the width of a phone. */
async function narrow(visit, open) {
  const { page, verdict } = visit;
  await visit.fitsWidth("the channel");
  await visit.picture("narrow-channel");
  await open.click();
  await verdict.waitFor();
  await visit.fitsWidth("the dialog");
  await visit.picture("narrow-dialog");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Repositories" }).click();
  await visit.fitsWidth("the repositories");
  await check(visit, "the repositories, narrow");
  await visit.picture("narrow-repositories");
  // What is put into the message field brings the channel forward.
  await page.getByRole("button", { name: /^Deploy this/ }).first().click();
  await visit.focusOn(visit.text, "the message field is there to send from");
}

async function check({ page }, where) {
  assert.deepEqual(await withoutName(page), [], `${where}: everything has a name`);
  assert.deepEqual(await page.evaluate(faintTexts), [], `${where}: all texts have contrast`);
  assert.deepEqual(await page.evaluate(repeatedIds), [], `${where}: an id is given once`);
}

/** The nodes of the accessibility tree that a screen reader could only call by their kind. */
async function withoutName(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const seen = nodes.filter((node) => !node.ignored && NAMED.includes(node.role?.value));
  assert.ok(seen.length > 5, "the tree was read");
  return seen.filter((node) => !node.name?.value?.trim()).map((node) => `${node.role.value} ${JSON.stringify(node.properties ?? [])}`);
}

/** Goes through the page with Tab: each stop shows a ring, inside the window. */
async function focusCanBeSeen(page) {
  await page.evaluate(() => document.activeElement.blur());
  const stops = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const { top, bottom, left, right } = element.getBoundingClientRect();
      const inside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
      return { ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, inside, what: `${element.tagName} ${element.textContent.trim().slice(0, 30)}` };
    });
    if (stop === null) break;
    stops.push(stop);
    assert.ok(stops.length < 200, "Tab comes to an end");
  }
  assert.ok(stops.length > 20, `Tab goes through the page: ${JSON.stringify(stops)}`);
  assert.deepEqual(stops.filter(({ ring, inside }) => !ring || !inside), [], "the focus can be seen");
}

/** Texts with less contrast than WCAG 2 AA asks for. Runs in the page. */
function faintTexts() {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = channels(color).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((channels(color)[3] ?? 1) === 1) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!hasText(element) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const [one, other] = [luminance(color), luminance(ground(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
    if (contrast < (large ? 3 : 4.5)) faint.push(`${element.tagName} ${element.textContent.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}

/** Runs in the page. */
function repeatedIds() {
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return ids.filter((id, place) => ids.indexOf(id) !== place);
}
