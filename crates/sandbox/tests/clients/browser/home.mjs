// deploybot's home tab: empty at first, then with what was deployed; drawn anew
// by its button, and another's when another acts.
// Usage: node home.mjs PAGE_URL SCREENSHOT_FOLDER
import assert from "node:assert/strict";
import { walk } from "./page.mjs";

await walk("home", async (visit) => {
  const { page, dialog } = visit;
  const opener = page.getByRole("button", { name: "deploybot’s home" });
  const refresh = dialog.getByRole("button", { name: "Refresh" });

  await opener.click();
  await dialog.getByText("What runs where").or(dialog.getByText("Nothing has been deployed through me lately")).first().waitFor();
  await visit.picture("first");
  await dialog.getByRole("button", { name: "Close" }).click();
  await visit.focusOn(opener, "closed, it gives the focus back");

  const answer = await visit.ask("@deploybot status people", /newest 5/);
  await answer.getByRole("button", { name: /^Deploy/ }).first().click();
  await visit.verdict.filter({ hasText: "Ready for" }).waitFor();
  await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
  await visit.ofBot(/is live in/).first().waitFor();

  await opener.click();
  await dialog.getByText("that you have deployed lately").waitFor();
  await dialog.getByText("people", { exact: true }).first().waitFor();
  await visit.picture("own");
  await visit.press("Tab", refresh);
  await page.keyboard.press("Enter");
  await visit.focusOn(refresh, "the button keeps the focus when the tab is drawn anew");
  await page.keyboard.press("Escape");
  assert.equal(await dialog.count(), 0);

  await page.getByLabel("You act as").selectOption({ label: "Joon" });
  await opener.click();
  await dialog.getByText("that the team has deployed lately").waitFor();
  await visit.picture("another");
  await page.keyboard.press("Escape");
  await visit.fitsWidth("with the button of the home tab");
});
