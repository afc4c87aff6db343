// npm octokit against the GitHub simulator: creates a deployment by SHA, waits
// for the runner, and reads it back over REST and GraphQL.
// Usage: node octokit.mjs GITHUB_BASE_URL TOKEN OWNER REPOSITORY
import assert from "node:assert/strict";
import { argv } from "node:process";
import { Octokit } from "octokit";

const [base, auth, owner, repo] = argv.slice(2);
// A limit or a fault must show as itself: the client's own retries are off.
const octokit = new Octokit({
  auth,
  baseUrl: `${base}/api/v3`,
  retry: { enabled: false },
  throttle: { enabled: false },
});

const { data: repository } = await octokit.rest.repos.get({ owner, repo });
assert.equal(repository.full_name, `${owner}/${repo}`);
assert.ok(repository.url.startsWith(base), "links point to the simulator itself");

const commits = await octokit.paginate(octokit.rest.repos.listCommits, { owner, repo, per_page: 3 });
assert.ok(commits.length > 3, "the pages are followed to the end");
assert.equal(new Set(commits.map((commit) => commit.sha)).size, commits.length);
const head = commits[0].sha;

const { data: created, status } = await octokit.rest.repos.createDeployment({
  owner,
  repo,
  ref: head,
  environment: "staging",
  auto_merge: false,
  required_contexts: [],
  payload: { note: "from octokit" },
});
assert.equal(status, 201);
assert.equal(created.sha, head);
assert.equal(created.ref, head);

const states = await until("the runner ends the deployment", async () => {
  const { data } = await octokit.rest.repos.listDeploymentStatuses({
    owner,
    repo,
    deployment_id: created.id,
  });
  return data[0]?.state === "success" && data;
});
assert.ok(states.some((one) => one.state === "in_progress"));
assert.ok(states.every((one) => one.log_url.startsWith(base)));

const { data: again } = await octokit.rest.repos.getDeployment({ owner, repo, deployment_id: created.id });
assert.deepEqual(again.payload, { note: "from octokit" });

const answer = await octokit.graphql(
  `query Read($owner: String!, $repo: String!, $node: ID!) {
    repository(owner: $owner, name: $repo) {
      deployments(first: 1, environments: ["staging"], orderBy: { field: CREATED_AT, direction: DESC }) {
        nodes { databaseId commitOid environment payload ref { name } statuses(first: 20) { nodes { state } } }
      }
    }
    node(id: $node) { ... on Deployment { databaseId state } }
    rateLimit { cost remaining resetAt }
  }`,
  { owner, repo, node: created.node_id },
);
const [newest] = answer.repository.deployments.nodes;
assert.equal(newest.databaseId, created.id);
assert.equal(newest.commitOid, head);
assert.equal(newest.ref, null, "a deployment made by SHA has no ref");
assert.ok(newest.statuses.nodes.some((one) => one.state === "SUCCESS"));
assert.deepEqual(answer.node, { databaseId: created.id, state: "ACTIVE" });

const page = await fetch(states[0].environment_url);
assert.equal(page.status, 200, "the deployed tree is served at the environment's URL");

await assert.rejects(
  octokit.rest.repos.createDeployment({ owner, repo, ref: "0000000", auto_merge: false }),
  (error) => error.status === 422,
);
await assert.rejects(octokit.graphql(`{ repository(owner: "${owner}", name: "none") { id } }`), (error) => {
  return error.errors[0].type === "NOT_FOUND";
});
console.log(`octokit: deployment ${created.id} of ${head.slice(0, 7)} read back over REST and GraphQL`);

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
