// npm octokit against the GitHub simulator: creates a deployment by SHA, waits
// for the runner, and reads it back over REST and GraphQL; then asks for all
// else that there is.
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
await askForTheRest();
console.log(`octokit: deployment ${created.id} of ${head.slice(0, 7)} read back over REST and GraphQL`);

/** Each resource that was not asked for above: read, and written where it can be. */
async function askForTheRest() {
  const { rest } = octokit;
  const there = { owner, repo };
  const branch = repository.default_branch;

  await rest.meta.root();
  await rest.meta.get();
  await rest.rateLimit.get();
  const { data: me } = await rest.users.getAuthenticated();
  await rest.users.getByUsername({ username: me.login });
  for (const list of [
    await rest.repos.listForAuthenticatedUser(),
    await rest.repos.listForOrg({ org: owner }),
    await rest.repos.listForUser({ username: owner }),
  ]) {
    assert.ok(list.data.some((one) => one.full_name === repository.full_name));
  }

  await rest.repos.listBranches(there);
  const { data: newest } = await rest.repos.getBranch({ ...there, branch });
  assert.equal(newest.commit.sha, head);
  const { data: reference } = await rest.git.getRef({ ...there, ref: `heads/${branch}` });
  assert.equal(reference.object.sha, head);
  await rest.git.updateRef({ ...there, ref: `heads/${branch}`, sha: head });
  await rest.repos.getCommit({ ...there, ref: branch });
  const basehead = `${commits[1].sha}...${head}`;
  const { data: compared } = await rest.repos.compareCommitsWithBasehead({ ...there, basehead });
  assert.equal(compared.ahead_by, 1);

  await rest.repos.createCommitStatus({ ...there, sha: head, state: "success", context: "octokit" });
  await rest.repos.getCombinedStatusForRef({ ...there, ref: head });
  await rest.repos.listCommitStatusesForRef({ ...there, ref: head });
  await rest.checks.listSuitesForRef({ ...there, ref: head });
  const { data: checks } = await rest.checks.listForRef({ ...there, ref: head });
  await rest.checks.get({ ...there, check_run_id: checks.check_runs[0].id });

  const file = { ...there, path: "a folder/by octokit.txt" };
  const content = Buffer.from("1\n").toString("base64");
  await rest.repos.createOrUpdateFileContents({ ...file, message: "Add a file", content });
  const { data: read } = await rest.repos.getContent(file);
  assert.equal(read.content.trim(), content);

  const environment = { ...there, environment_name: "eu/west" };
  await rest.repos.createOrUpdateEnvironment({ ...environment, wait_timer: 1 });
  await rest.repos.getEnvironment(environment);
  await rest.repos.getAllEnvironments(there);
  await rest.repos.deleteAnEnvironment(environment);

  const deployment = { ...there, deployment_id: created.id };
  const description = "Taken back";
  const { data: inactive } = await rest.repos.createDeploymentStatus({
    ...deployment,
    state: "inactive",
    description,
  });
  const { data: written } = await rest.repos.getDeploymentStatus({ ...deployment, status_id: inactive.id });
  assert.equal(written.description, description);
  const { data: listed } = await rest.repos.listDeployments({ ...there, environment: "staging", sha: head });
  assert.equal(listed[0].id, created.id);
  await rest.repos.deleteDeployment(deployment);
  await assert.rejects(rest.repos.getDeployment(deployment), (error) => error.status === 404);
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
