// The bot of the bench as one writes it with npm @slack/bolt after its guide: a
// listener of mentions that asks its backend and answers with say(). It says when
// it listens (and on which port), and ends when its input does.
const { App } = require("@slack/bolt");

const backend = process.env.BACKEND_URL;
const transport =
  process.env.MODE === "socket"
    ? { socketMode: true, appToken: process.env.SLACK_APP_TOKEN }
    : { signingSecret: process.env.SLACK_SIGNING_SECRET };
const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  ...transport,
  logLevel: "error",
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

const HELP = "I know: status <repo>, history <repo>, deploy <repo> <environment> <sha>, help";

app.event("app_mention", async ({ event, say }) => {
  const [, command, ...words] = event.text.split(/\s+/);
  await say({ text: await answer(event.user, command, words), thread_ts: event.ts });
});

async function answer(user, command, [repository, environment, commit]) {
  switch (command) {
    case "status": {
      const { commits, environments } = await ask(`status/${repository}`);
      const live = environments.map((one) => `*${one.name}* runs ${one.live}`);
      const newest = commits.map((one) => `\`${one.sha}\` ${one.headline} · ${one.author}`);
      return [`*${repository}*`, ...newest, ...live].join("\n");
    }
    case "history": {
      const { deployments } = await ask(`history/${repository}`);
      const lines = deployments.map((one) => `${one.environment} \`${one.sha}\` ${one.state}`);
      return [`*${repository}* · deployments`, ...lines].join("\n");
    }
    case "deploy": {
      if (!commit) return HELP;
      const { state } = await ask("deploy", { user, repository, environment, commit });
      return `<@${user}> deploys *${repository}* ${commit} to ${environment}: ${state}`;
    }
    case "help":
      return HELP;
    default:
      return `I don't know "${command}". ${HELP}`;
  }
}

async function ask(path, body) {
  const headers = { "content-type": "application/json" };
  const request = body && { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${backend}/${path}`, request);
  if (!response.ok) throw new Error(`the backend answers ${response.status}`);
  return response.json();
}

(async () => {
  const server = await app.start({ port: 0, host: "127.0.0.1" });
  console.log(process.env.MODE === "http" ? `ready ${server.address().port}` : "ready");
  for await (const _ of process.stdin);
  await app.stop();
  process.exit(0);
})();
