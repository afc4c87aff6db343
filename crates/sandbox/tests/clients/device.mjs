// npm @octokit/auth-oauth-device against the GitHub simulator: goes through the
// device flow as somebody agrees, as it asks too often, as somebody cancels, and
// as nobody says anything in time.
// Usage: node device.mjs GITHUB_BASE_URL CLIENT_ID LOGIN
import assert from "node:assert/strict";
import { argv } from "node:process";
import { createOAuthDeviceAuth } from "@octokit/auth-oauth-device";
import { Octokit } from "octokit";

const [base, clientId, login] = argv.slice(2);
// A refusal must show as itself: the client's own retries are off.
const octokit = new Octokit({
  baseUrl: `${base}/api/v3`,
  retry: { enabled: false },
  throttle: { enabled: false },
});

/** What GitHub has said since the flow began, and what somebody does when they hear it. */
let said = [];
let then = {};
octokit.hook.after("request", async ({ data }) => {
  said.push(data);
  await then[data.error]?.();
});
const words = () => said.map((one) => one.error ?? (one.access_token ? "agreed" : "code"));

/** Goes through it: shows the code, and asks until it is told. */
async function flow(shown, when = () => ({})) {
  said = [];
  const begin = createOAuthDeviceAuth({
    clientType: "github-app",
    clientId,
    request: octokit.request,
    onVerification: async (verification) => {
      then = when(verification);
      await shown(verification);
    },
  });
  return begin({ type: "oauth" });
}

/** What the user of a code does on GitHub's page. */
async function decide(method, path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${base}/control/device${path}`, { method, headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 204);
}

const agree = ({ user_code }) => decide("PUT", `/${user_code}`, { login });

// Somebody agrees while it asks.
const agreed = await flow(
  ({ expires_in, interval, device_code, user_code, verification_uri }) => {
    assert.equal(expires_in, 900);
    assert.equal(interval, 1);
    assert.equal(device_code.length, 40);
    assert.match(user_code, /^[A-Z]{4}-[A-Z]{4}$/);
    assert.equal(verification_uri, `${base}/login/device`);
  },
  (verification) => ({ authorization_pending: () => agree(verification) }),
);
assert.deepEqual(words(), ["code", "authorization_pending", "agreed"]);
const authorization = `Bearer ${agreed.token}`;
const { data: me } = await octokit.request("GET /user", { headers: { authorization } });
assert.equal(me.login, login);

// Somebody else has asked for the same code just before.
await flow(
  ({ device_code }) =>
    octokit.request("POST /login/oauth/access_token", {
      baseUrl: base,
      headers: { accept: "application/json" },
      client_id: clientId,
      device_code,
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    }),
  (verification) => ({ slow_down: () => agree(verification) }),
);
assert.deepEqual(words(), ["code", "authorization_pending", "slow_down", "agreed"]);
assert.equal(said[2].interval, said[0].interval + 5);

// Somebody cancels.
const cancelled = flow(({ user_code }) => decide("DELETE", `/${user_code}`));
await assert.rejects(cancelled, ({ response }) => response.data.error === "access_denied");
assert.deepEqual(words(), ["code", "access_denied"]);

// Nobody says anything.
await decide("PUT", "", { client_id: clientId, interval_seconds: 1, lifetime_seconds: 1 });
const late = flow(() => {});
await assert.rejects(late, ({ response }) => response.data.error === "expired_token");
assert.deepEqual(words(), ["code", "authorization_pending", "expired_token"]);
console.log(`@octokit/auth-oauth-device: ${login} agreed twice, cancelled once, and was late once`);
