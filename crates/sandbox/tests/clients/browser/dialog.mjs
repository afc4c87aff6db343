// The dialog behind Deploy… with nothing but a keyboard: open it, choose, read
// what would go out, leave it in three ways, and deploy.
// Usage: node dialog.mjs PAGE_URL SCREENSHOT_FOLDER
import assert from "node:assert/strict";
import { walk } from "./page.mjs";

await walk("dialog", async (visit) => {
  const { page, dialog, verdict } = visit;
  const answer = await visit.ask("@deploybot status people", /newest 5/);
  const opener = answer.getByRole("button", { name: /^Deploy/ }).first();
  const environment = dialog.getByLabel("Environment");

  await visit.press("Shift+Tab", opener);
  // An Enter too many presses nothing in the dialog that opens under it.
  for (let times = 0; times < 4; times += 1) await page.keyboard.press("Enter");
  await verdict.waitFor();
  assert.equal(await dialog.count(), 1);
  await visit.focusOn(dialog, "the dialog has the focus when it has been filled");
  await visit.picture("open");

  await visit.press("Tab", environment);
  const before = await environment.inputValue();
  await page.keyboard.press("ArrowDown");
  const chosen = await environment.inputValue();
  assert.notEqual(chosen, before);
  const name = await environment.evaluate((list) => list.selectedOptions[0].text.split(",")[0]);
  await verdict.filter({ hasText: name }).waitFor();
  await visit.focusOn(environment, "the list that was chosen from keeps the focus when the preview arrives");
  assert.equal(await environment.inputValue(), chosen);
  assert.match(await dialog.getByRole("status").textContent(), new RegExp(name));
  await visit.picture("chosen");

  await page.keyboard.press("Escape");
  await closed(visit, opener, "Esc gives the focus back");

  await page.keyboard.press("Enter");
  await visit.press("Tab", dialog.getByRole("button", { name: "Close" }));
  await verdict.waitFor();
  await visit.focusOn(dialog.getByRole("button", { name: "Close" }), "Close keeps the focus when the preview arrives");
  await page.keyboard.press("Enter");
  await closed(visit, opener, "Close gives the focus back");

  await elsewhere(visit, opener);

  await page.keyboard.press("Enter");
  await verdict.waitFor();
  await visit.press("Tab", dialog.getByRole("button", { name: "Deploy", exact: true }));
  // At once: once it is closed the second would open it anew.
  await Promise.all([page.keyboard.press("Enter"), page.keyboard.press("Enter")]);
  await closed(visit, opener, "submitting gives the focus back");
  await visit.ofBot(/is live in/).first().waitFor();
  assert.equal(await visit.ofBot(/is live in/).count(), 1);
  await page.getByRole("region", { name: "production of people" }).getByText("live since just now").waitFor();
  // The picture of the README, see `make picture`.
  await visit.text.focus();
  await page.setViewportSize({ width: 1280, height: 820 });
  await visit.picture("deployed");
});

async function closed(visit, opener, why) {
  await visit.dialog.waitFor({ state: "detached" });
  await visit.focusOn(opener, why);
}

/** The dialog opens where the button was pressed, not in a second window of the same person. */
async function elsewhere(visit, opener) {
  const { page, verdict } = visit;
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("article", { name: "Message of deploybot" }).first().waitFor();
  await page.bringToFront();
  await page.keyboard.press("Enter");
  await verdict.waitFor();
  assert.equal(await other.getByRole("dialog").count(), 0);
  await other.close();
  await page.keyboard.press("Escape");
  await closed(visit, opener, "Esc gives the focus back");
}
