/**
 * What the page asks of the sandbox: the person's side of the Slack simulator,
 * GitHub's REST API, and the two streams that say when something has changed.
 */

/** What the sandbox told when the page was opened; see `loadConfig`. */
export let config = null;

/** A request that was not served; its message is for people. */
class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * Loads where things are: the channel, the people with their GitHub tokens
 * (they open nothing but this sandbox), the repositories, and where the first
 * day takes place.
 */
export async function loadConfig() {
  config = await answer(await request("config.json"));
  return config;
}

async function request(address, options = {}) {
  try {
    return await fetch(address, { cache: "no-cache", signal: AbortSignal.timeout(15_000), ...options });
  } catch {
    throw new Failure("The sandbox does not answer. Is it still running in your terminal?", 0);
  }
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Failure(body?.message ?? body?.error ?? `The sandbox answered ${response.status}.`, response.status);
  return body;
}

/** Slack refuses with status 200 and a name for what is wrong. */
async function sendSlack(path, body) {
  const response = await request(`slack/client/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return unlessRefused(await answer(response));
}

function unlessRefused(result) {
  if (result.ok === false) throw new Failure(explain(result.error), 200);
  return result;
}

function explain(error) {
  if (error === "app_did_not_respond") return "deploybot did not respond within 3 seconds. Nothing has changed; try again.";
  return `That did not work (${error ?? "no reason given"}).`;
}

/** The Slack simulator, as a person uses it. */
export const slack = {
  workspace: async () => answer(await request("slack/client/workspace")),

  messages: async (channel) => {
    const query = new URLSearchParams({ channel, limit: "200" });
    return unlessRefused(await answer(await request(`slack/client/messages?${query}`))).messages;
  },

  /** Posts what a person typed; in a thread when `thread_ts` is given. */
  post: (message) => sendSlack("messages", message),

  /** Presses a button or chooses from a list; refuses when the app was silent. */
  act: (action) => sendSlack("actions", action),

  /** Submits a modal; answers the errors of its fields, or nothing. */
  submit: async (view, body) => (await sendSlack(`views/${encodeURIComponent(view)}/submit`, body)).errors ?? null,

  /** The modal that a person sees, or nothing. */
  view: async (user) => unlessRefused(await answer(await request(`slack/client/views?${new URLSearchParams({ user })}`))).view,

  /** Opens the app's home tab; answers with it as the app has set it before. */
  openHome: (user) => sendSlack("home", { user }),

  /** The home tab that a person sees, or nothing. */
  home: async (user) => unlessRefused(await answer(await request(`slack/client/home?${new URLSearchParams({ user })}`))).view,

  closeView: (view, user) => sendSlack(`views/${encodeURIComponent(view)}/close`, { user }),
};

/**
 * GitHub's REST API, as one of the people.
 *
 * @param {string} path below `/api/v3/`
 * @param {{method?: string, body?: unknown, token?: string}} [options]
 */
export async function github(path, { method = "GET", body, token = config.people[0].token } = {}) {
  const response = await request(`github/api/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return answer(response);
}

/**
 * GitHub's GraphQL API; an answer with errors is a failure.
 *
 * @param {string} query
 * @param {Record<string, unknown>} variables
 */
export async function graphql(query, variables) {
  const response = await request("github/api/graphql", {
    method: "POST",
    headers: { authorization: `Bearer ${config.people[0].token}`, "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer(response);
  if (errors?.length) throw new Failure(errors[0].message, 200);
  return data;
}

/**
 * Follows a stream of events while the page can be seen. (A browser opens six
 * connections to one server; pages in the background must not use them up.)
 * `opened` is called each time the stream begins, because what happened before
 * was missed; `lost` when it breaks off, after which it is tried again.
 *
 * @param {string} address
 * @param {{opened: () => void, lost: () => void, events: Record<string, (data: any) => void>}} handlers
 */
export function follow(address, { opened, lost, events }) {
  let source = null;
  const stop = () => {
    source?.close();
    source = null;
  };
  const start = () => {
    if (source || document.hidden) return;
    source = new EventSource(address);
    source.addEventListener("open", opened);
    source.addEventListener("error", () => {
      lost();
      stop();
      setTimeout(start, 1500);
    });
    for (const [name, handle] of Object.entries(events)) {
      source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  // The back button may bring back the page as it was left.
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", start);
  start();
}
