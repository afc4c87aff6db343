// Typing: names completed by keyboard, characters composed from several keys,
// and what people send by accident or to see what happens.
// Usage: node typing.mjs PAGE_URL SCREENSHOT_FOLDER
import assert from "node:assert/strict";
import { walk } from "./page.mjs";

await walk("typing", async (visit) => {
  await completeAName(visit);
  await compose(visit);
  await hurry(visit);
  await sendStrangeThings(visit);
  await keepWhatWasNotSent(visit);
});

async function completeAName(visit) {
  const { page, text } = visit;
  const names = page.getByRole("listbox", { name: "Names" });
  await text.focus();
  await page.keyboard.type("@");
  await names.waitFor();
  assert.equal(await names.getByRole("option").count(), 4);
  await visit.picture("names");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const marked = names.getByRole("option", { selected: true });
  assert.equal(await text.getAttribute("aria-activedescendant"), await marked.getAttribute("id"));
  await page.keyboard.press("Escape");
  assert.equal(await names.isVisible(), false);
  assert.equal(await text.inputValue(), "@");
  await page.keyboard.type("dep");
  await page.keyboard.press("Enter");
  assert.equal(await text.inputValue(), "@deploybot ");
  await page.keyboard.type("status web");
  const answers = visit.ofBot(/newest 5/);
  await page.keyboard.press("Enter");
  await answers.waitFor();
}

/** The Enter that ends a composition sends nothing. */
async function compose({ page, text, messages }) {
  const keyboard = await page.context().newCDPSession(page);
  await text.focus();
  await keyboard.send("Input.imeSetComposition", { text: "민", selectionStart: 1, selectionEnd: 1 });
  const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 };
  await keyboard.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
  assert.equal(await text.inputValue(), "민");
  await keyboard.send("Input.insertText", { text: "민지" });
  await page.keyboard.press("Enter");
  await messages.getByText("민지", { exact: true }).waitFor();
  await keyboard.detach();
}

/** What is sent in a hurry is sent once. */
async function hurry({ page, text, messages }) {
  await text.fill("in a hurry");
  for (let times = 0; times < 15; times += 1) await page.keyboard.press("Enter");
  await text.fill("with two clicks");
  await page.locator("#composer").getByRole("button", { name: "Send" }).dblclick();
  await text.fill("   ");
  await text.press("Enter");
  await text.fill("the end of it");
  await text.press("Enter");
  await messages.getByText("the end of it").waitFor();
  for (const said of ["in a hurry", "with two clicks"]) {
    assert.equal(await messages.getByText(said).count(), 1, said);
  }
  assert.equal(await messages.getByRole("article", { name: "Message of minji" }).count(), 5);
}

async function sendStrangeThings(visit) {
  const { page, messages } = visit;
  await visit.ask("@deploybot status <script>document.title='hacked'</script> <!channel> &amp;", /document\.title/);
  await messages.getByText("<script>document.title='hacked'</script> <!channel> &amp;").first().waitFor();
  assert.match(await page.title(), /deploybot sandbox/);
  await visit.say(`${"long ".repeat(600)}${"x".repeat(1_500)} its end`);
  await messages.getByText("its end").waitFor();
  await visit.fitsWidth("a page with a very long message");
  await visit.say("مرحبا @minji 🎉👩‍👩‍👧‍👦 `status people`");
  await messages.getByText("مرحبا").waitFor();
  await visit.say("one\n\n> quoted\n```\nlet it = <be>;\n```");
  await messages.getByText("let it = <be>;").waitFor();
  await visit.picture("strange");
}

/** What could not be sent is in the field again, before what was typed meanwhile. */
async function keepWhatWasNotSent(visit) {
  const { page, text, problems } = visit;
  const held = new Promise((resolve) => {
    page.route("**/slack/client/messages", (route) => (route.request().method() === "POST" ? resolve(route) : route.continue()));
  });
  await visit.say("not sent");
  const request = await held;
  await page.keyboard.type("typed meanwhile");
  await request.abort();
  await page.getByText("Not sent: The sandbox does not answer.").waitFor();
  assert.equal(await text.inputValue(), "not sent\ntyped meanwhile");
  await visit.picture("not-sent");
  await page.unrouteAll();
  // The browser tells of the request that was cut off; that is no surprise here.
  assert.equal(problems.length, 1);
  assert.match(problems.pop(), /ERR_FAILED/);
  await page.keyboard.press("Enter");
  await visit.messages.getByText("typed meanwhile").waitFor();
}
