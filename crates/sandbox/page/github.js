/**
 * What the page shows of a repository, read from GitHub: its newest commits
 * with their checks in one GraphQL query, and what each environment runs over
 * REST.
 */

import { github, graphql } from "./api.js";

/** How many commits are shown. */
const COMMITS = 10;

/** How far back the newest successful deployment of an environment is looked for. */
const DEPLOYMENTS = 20;

/**
 * @typedef {object} Checks
 * @property {"none" | "running" | "passed" | "failed"} state
 * @property {number} done how many have ended
 * @property {number} total
 * @property {string[]} failed names
 *
 * @typedef {object} Commit
 * @property {string} sha
 * @property {string} headline
 * @property {string} author
 * @property {string} date when it was committed, ISO 8601
 * @property {string} url
 * @property {Checks} checks
 *
 * @typedef {object} Environment
 * @property {string} name
 * @property {{sha: string, headline: string, since: string, url: string, behind: number | null} | null} live
 * @property {{sha: string, words: string} | null} running
 * @property {{sha: string, words: string} | null} failed the newest deployment, if it failed
 *
 * @typedef {object} Repository
 * @property {string} fullName
 * @property {string} name
 * @property {string} branch
 * @property {Commit[]} commits newest first
 * @property {Environment[]} environments production first
 */

const NEWEST_COMMITS = `
  query SandboxCommits($owner: String!, $name: String!, $first: Int!) {
    repository(owner: $owner, name: $name) {
      name
      defaultBranchRef {
        name
        target {
          ... on Commit {
            history(first: $first) {
              nodes {
                oid
                messageHeadline
                committedDate
                url
                author { name user { login } }
                statusCheckRollup {
                  contexts(first: 100) {
                    nodes {
                      ... on CheckRun { name status conclusion detailsUrl checkSuite { workflowRun { event } } }
                      ... on StatusContext { context state }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }`;

/**
 * @param {string} fullName `owner/name`
 * @returns {Promise<Repository>}
 */
export async function readRepository(fullName) {
  const [owner, bareName] = fullName.split("/");
  const [{ repository }, environments] = await Promise.all([
    graphql(NEWEST_COMMITS, { owner, name: bareName, first: COMMITS }),
    github(`repos/${fullName}/environments?per_page=100`),
  ]);
  const branch = repository.defaultBranchRef.name;
  const commits = repository.defaultBranchRef.target.history.nodes.map(commitOf);
  const names = environments.environments.map((environment) => environment.name).sort(productionFirst);
  return {
    fullName,
    name: repository.name,
    branch,
    commits,
    environments: await Promise.all(names.map((name) => readEnvironment(fullName, branch, name, commits))),
  };
}

function productionFirst(one, other) {
  return Number(other === "production") - Number(one === "production") || one.localeCompare(other);
}

/** @returns {Commit} */
function commitOf(node) {
  return {
    sha: node.oid,
    headline: node.messageHeadline,
    author: node.author?.user?.login ?? node.author?.name ?? "unknown",
    date: node.committedDate,
    url: node.url,
    checks: foldChecks(node.statusCheckRollup?.contexts.nodes ?? []),
  };
}

/**
 * A deployment of the commit made it, which says nothing about the commit. What a job
 * reports beside itself GitHub may put into that workflow's suite as well.
 */
function isOfADeployment(context) {
  return context.checkSuite?.workflowRun?.event === "deployment" && Boolean(context.detailsUrl?.includes("/actions/runs/"));
}

/** A check run has a status; a commit status has nothing but a state. */
function hasEnded(context) {
  return context.status ? context.status === "COMPLETED" : !["PENDING", "EXPECTED"].includes(context.state);
}

/** Many check runs and commit statuses, told as one, as the bot does. @returns {Checks} */
function foldChecks(all) {
  const contexts = all.filter((one) => !isOfADeployment(one));
  const ended = contexts.filter(hasEnded);
  const failed = ended.filter((one) => !["SUCCESS", "NEUTRAL", "SKIPPED"].includes(one.conclusion ?? one.state));
  let state = "passed";
  if (contexts.length === 0) state = "none";
  else if (failed.length > 0) state = "failed";
  else if (ended.length < contexts.length) state = "running";
  return { state, done: ended.length, total: contexts.length, failed: failed.map((one) => one.name ?? one.context).sort() };
}

/** @returns {Promise<Environment>} */
async function readEnvironment(fullName, branch, name, commits) {
  const query = new URLSearchParams({ environment: name, per_page: String(DEPLOYMENTS) });
  const deployments = await github(`repos/${fullName}/deployments?${query}`);
  let running = null;
  let failed = null;
  for (const [place, deployment] of deployments.entries()) {
    // Newest first; judged by all of them, because a success may have become inactive.
    const statuses = await github(`repos/${fullName}/deployments/${deployment.id}/statuses?per_page=100`);
    const success = statuses.find((status) => status.state === "success");
    if (success) {
      const live = await describeLive(fullName, branch, deployment.sha, success, commits);
      return { name, live, running, failed };
    }
    const newest = statuses[0];
    const ended = ["failure", "error", "inactive"].includes(newest?.state);
    if (!ended) running ??= { sha: deployment.sha, words: newest?.description || "waiting to be picked up" };
    else if (place === 0 && newest.state !== "inactive") failed = { sha: deployment.sha, words: newest.description || newest.state };
  }
  return { name, live: null, running, failed };
}

async function describeLive(fullName, branch, sha, status, commits) {
  const place = commits.findIndex((commit) => commit.sha === sha);
  const known = commits[place] ?? null;
  const headline = known?.headline ?? (await github(`repos/${fullName}/commits/${sha}`)).commit.message.split("\n")[0];
  const behind = known ? place : await countBehind(fullName, branch, sha);
  return { sha, headline, since: status.created_at, url: status.environment_url, behind };
}

/** How many commits of the branch are newer; nothing when it is not on the branch. */
async function countBehind(fullName, branch, sha) {
  const comparison = await github(`repos/${fullName}/compare/${sha}...${encodeURIComponent(branch)}?per_page=1`);
  return comparison.behind_by === 0 ? comparison.ahead_by : null;
}
