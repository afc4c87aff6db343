// npm octokit as a GitHub App against the GitHub simulator: finds its
// installation in each way there is, gets a token for it, and deploys with it.
// Usage: node octokit-app.mjs GITHUB_BASE_URL OWNER REPOSITORY APP_ID KEY.pem
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { App, Octokit } from "octokit";

const [base, owner, repo, appId, key] = argv.slice(2);
const app = new App({
  appId,
  privateKey: readFileSync(key, "utf8"),
  // A limit or a fault must show as itself: the client's own retries are off.
  Octokit: Octokit.defaults({
    baseUrl: `${base}/api/v3`,
    retry: { enabled: false },
    throttle: { enabled: false },
  }),
});

const { apps } = app.octokit.rest;
const { data: itself } = await apps.getAuthenticated();
assert.equal(String(itself.id), appId);
const { data: installations } = await apps.listInstallations();
const installation_id = installations.find((one) => one.account.login === owner).id;
for (const found of [
  await apps.getInstallation({ installation_id }),
  await apps.getOrgInstallation({ org: owner }),
  await apps.getUserInstallation({ username: owner }),
  await apps.getRepoInstallation({ owner, repo }),
]) {
  assert.equal(found.data.id, installation_id);
}

// With its own token it sees what it is installed for, and deploys.
const { rest } = await app.getInstallationOctokit(installation_id);
const { data: seen } = await rest.apps.listReposAccessibleToInstallation();
assert.ok(seen.repositories.some((one) => one.full_name === `${owner}/${repo}`));
const { data: made } = await rest.repos.createDeployment({
  owner,
  repo,
  ref: seen.repositories[0].default_branch,
  auto_merge: false,
  required_contexts: [],
});
assert.equal(made.creator.login, `${itself.slug}[bot]`);
await rest.apps.revokeInstallationAccessToken();
console.log(`octokit: App ${appId} deployed as ${made.creator.login}`);
