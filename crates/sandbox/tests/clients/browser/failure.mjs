// A deployment fails. Somebody else presses Retry, which fails too, thinks
// twice about Roll back, and rolls back.
// Usage: node failure.mjs PAGE_URL SCREENSHOT_FOLDER
import assert from "node:assert/strict";
import { walk } from "./page.mjs";

await walk("failure", async (visit) => {
  const { page, dialog } = visit;
  const sha = await visit.merge("acme/people", "Try another font\n\nSimulate: fail rollout");
  const failed = await visit.ask(`@deploybot deploy people staging ${sha}`, /@minji: .*did not reach staging/);
  await visit.picture("failed");

  await page.getByLabel("You act as").selectOption("Joon");
  await failed.getByRole("button", { name: "Retry" }).dblclick();
  const again = visit.ofBot(/@joon: .*did not reach staging/);
  await again.waitFor();

  const rollBack = again.getByRole("button", { name: /^Roll back to / });
  await rollBack.focus();
  await page.keyboard.press("Enter");
  await dialog.getByText("goes back to").waitFor();
  await visit.focusOn(dialog.getByRole("button", { name: "Leave it" }), "what changes nothing has the focus");
  await visit.picture("question");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await visit.focusOn(rollBack, "Esc gives the focus back");

  const earlier = (await rollBack.textContent()).slice(-7);
  await page.keyboard.press("Enter");
  await visit.press("Tab", dialog.getByRole("button", { name: "Roll back", exact: true }));
  await page.keyboard.press("Enter");
  const live = visit.ofBot(new RegExp(`is back at ${earlier} in staging`));
  await live.filter({ hasText: "@joon" }).waitFor();
  await visit.picture("rolled-back");

  // Everything happened once: two failures, one rollback.
  assert.equal(await visit.ofBot(/@(minji|joon): people .*did not reach staging/).count(), 2);
  assert.equal(await live.count(), 1);

  // Who acted is remembered. That deployments failed says nothing about the commit.
  await page.reload();
  await visit.text.waitFor();
  await page.locator(`li[data-sha^="${sha}"] .checks.passed`).waitFor();
  assert.equal(await page.getByLabel("You act as").evaluate((list) => list.selectedOptions[0].text), "Joon");
});
