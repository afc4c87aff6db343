// A bot on npm @slack/bolt, as its guides teach, that the conversation of
// tests/it/proofs/slack.rs speaks with. It says when it listens (and on which
// port), and ends when its input does.
// Usage: node bolt.mjs SLACK_BASE_URL BOT_TOKEN APP_TOKEN SIGNING_SECRET socket|http
import { argv, stdin } from "node:process";
import bolt from "@slack/bolt";

const [base, token, appToken, signingSecret, mode] = argv.slice(2);
const transport = mode === "socket" ? { appToken, socketMode: true } : { signingSecret };
const app = new bolt.App({
  token,
  ...transport,
  logLevel: "error",
  clientOptions: { slackApiUrl: `${base}/api/` },
});

const plain = (text) => ({ type: "plain_text", text });
const divider = { type: "divider" };

app.event("app_mention", async ({ event, say, client }) => {
  if (event.text.includes("refuse")) {
    await say(`refused: ${await refusals(client, event.channel)}`);
  } else if (event.text.includes("both")) {
    await client.chat.postMessage({ channel: event.channel, text: "by form", blocks: [divider] });
    await byJson({ channel: event.channel, text: "by json", blocks: [divider] });
  } else if (event.text.includes("look")) {
    await say(`looked: ${await look(client, event)}`);
  } else {
    const open = { type: "button", action_id: "open", text: plain("Open"), value: "v1" };
    const replace = { type: "button", action_id: "replace", text: plain("Replace") };
    await say({
      text: `You said: ${event.text}`,
      blocks: [
        { type: "section", text: { type: "mrkdwn", text: "*Hello* from bolt" } },
        { type: "actions", elements: [open, replace] },
      ],
    });
  }
});

app.action("open", async ({ ack, body, client, action }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: "modal",
      callback_id: "why",
      private_metadata: `${body.channel.id} ${action.value}`,
      title: plain("Why"),
      submit: plain("Say"),
      blocks: [
        {
          type: "input",
          block_id: "why",
          label: plain("Why?"),
          element: { type: "plain_text_input", action_id: "text" },
        },
      ],
    },
  });
});

app.action("replace", async ({ ack, respond }) => {
  await ack();
  await respond({ replace_original: true, text: "Said in its place" });
});

app.view("why", async ({ ack, view, client }) => {
  const why = view.state.values.why.text.value;
  if (why.length < 5) {
    await ack({ response_action: "errors", errors: { why: "Say more." } });
    return;
  }
  await ack();
  const [channel, value] = view.private_metadata.split(" ");
  await client.chat.postMessage({ channel, text: `Because of ${value}: ${why}` });
});

app.event("app_home_opened", async ({ event, client }) => {
  const text = { type: "mrkdwn", text: `Welcome home, <@${event.user}>` };
  const view = { type: "home", blocks: [{ type: "section", text }] };
  await client.views.publish({ user_id: event.user, view });
});

const server = await app.start({ port: 0, host: "127.0.0.1" });
console.log(mode === "http" ? `ready ${server.address().port}` : "ready");
for await (const _ of stdin);
const stopped = app.stop();
// A connection that was opened and not used yet would hold it up for a minute.
if (mode === "http") server.closeAllConnections();
await stopped;

/** What Slack says to a text that is too long, an unknown channel and a missing scope. */
async function refusals(client, channel) {
  const long = { type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } };
  const calls = [
    () => client.chat.postMessage({ channel, text: "x", blocks: [long] }),
    () => client.chat.postMessage({ channel: "C0NONE", text: "x" }),
    () => client.reactions.add({ channel, timestamp: "1.000000", name: "eyes" }),
  ];
  const said = [];
  for (const call of calls) {
    try {
      await call();
      said.push("taken");
    } catch ({ data }) {
      const more = data.response_metadata?.messages?.join() ?? data.needed ?? "";
      said.push(`${data.error} ${more}`.trim());
    }
  }
  return said.join("; ");
}

/** What the bot sees of a message that it edits, and of who asked. */
async function look(client, { channel, user }) {
  const metadata = { event_type: "looked", event_payload: { nth: 1 } };
  const { ts } = await client.chat.postMessage({ channel, text: "first", metadata });
  await client.chat.update({ channel, ts, text: "second", metadata });
  const last = { latest: ts, inclusive: true, limit: 1, include_all_metadata: true };
  const { messages } = await client.conversations.history({ channel, ...last });
  const { text, metadata: kept } = messages[0];
  const { user: who } = await client.users.info({ user, include_locale: true });
  const { user: same } = await client.users.lookupByEmail({ email: who.profile.email });
  const { channel: direct } = await client.conversations.open({ users: user });
  return `${text} ${kept.event_type} ${kept.event_payload.nth}; ${who.locale} ${same.name} ${direct.id}`;
}

/** The same call with a JSON body, which the library does not send. */
async function byJson(body) {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json; charset=utf-8",
  };
  await fetch(`${base}/api/chat.postMessage`, { method: "POST", headers, body: JSON.stringify(body) });
}
