// npm @slack/bolt against the Slack simulator: receives a mention over Socket
// Mode, posts blocks, hears a button, and is refused what Slack would refuse.
// Usage: node bolt.mjs SLACK_BASE_URL BOT_TOKEN APP_TOKEN
import assert from "node:assert/strict";
import { argv } from "node:process";
import bolt from "@slack/bolt";

const [base, token, appToken] = argv.slice(2);
const app = new bolt.App({
  token,
  appToken,
  socketMode: true,
  logLevel: "warn",
  clientOptions: { slackApiUrl: `${base}/api/` },
});

const heard = [];
app.event("app_mention", async ({ event, say }) => {
  heard.push(event);
  await say({
    text: `You said: ${event.text}`,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: "*Hello* from bolt" } },
      {
        type: "actions",
        elements: [
          { type: "button", action_id: "press", text: { type: "plain_text", text: "Press" }, value: "v1" },
        ],
      },
    ],
  });
});
const pressed = [];
app.action("press", async ({ ack, action, body }) => {
  await ack();
  pressed.push({ value: action.value, user: body.user.id });
});
await app.start();

const workspace = await read("client/workspace");
const person = workspace.users.find((user) => !user.is_bot);
const channel = workspace.channels[0].id;
const typed = await send("client/messages", { user: person.id, channel, text: "@deploybot hello & <b>" });
assert.ok(typed.ok);

const message = await until("bolt answers the mention", async () => {
  const { messages } = await read(`client/messages?channel=${channel}`);
  return messages.find((one) => one.text.startsWith("You said:"));
});
assert.equal(heard.length, 1);
assert.match(heard[0].text, /^<@U\w+> hello &amp; &lt;b&gt;$/);
assert.equal(message.blocks.length, 2);
assert.ok(message.bot_id);

const actions = message.blocks[1];
const press = await send("client/actions", {
  user: person.id,
  channel,
  message_ts: message.ts,
  block_id: actions.block_id,
  action_id: "press",
  value: "v1",
});
assert.ok(press.ok, JSON.stringify(press));
assert.deepEqual(pressed, [{ value: "v1", user: person.id }]);

const { messages } = await app.client.conversations.history({ channel, limit: 5 });
assert.ok(messages.some((one) => one.ts === message.ts));
await assert.rejects(
  app.client.chat.postMessage({
    channel,
    text: "x",
    blocks: [{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } }],
  }),
  (error) => error.data.error === "invalid_blocks",
);
await assert.rejects(
  app.client.chat.postMessage({ channel: "C0NONE", text: "x" }),
  (error) => error.data.error === "channel_not_found",
);
await app.stop();
console.log("bolt: a mention received, blocks posted, a button heard, bad blocks refused");

async function read(path) {
  return (await fetch(`${base}/${path}`)).json();
}

async function send(path, body) {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${base}/${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** Asks until the answer is truthy, for at most 20 seconds. */
async function until(what, ask) {
  const end = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}
