// Checks webhooks against the JSON schema that Octokit publishes of them (npm
// @octokit/webhooks-schemas): each event by its name and action.
// Usage: node schemas-webhooks.mjs EVENTS.json, a list of { event, payload }
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { argv, exit } from "node:process";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const schema = createRequire(import.meta.url)("@octokit/webhooks-schemas/schema.json");

// What GitHub sends since, and the schema does not allow yet.
const UNPUBLISHED = ["user_view_type", "verified_at"];

// What GitHub's OpenAPI description, which is newer, allows besides, and a value
// that the schema allows too.
const ALLOWED = [
  { field: "head_branch", value: null, like: "" },
  { field: "log_url", value: "", like: "about:blank" },
];

// What many events share is compiled once, not into each of them.
const ajv = new Ajv.default({ allErrors: true, strict: false, inlineRefs: false });
addFormats.default(ajv);
ajv.addSchema(schema, "webhooks");

/** What was compiled already, by name and action. */
const validators = new Map();

const events = JSON.parse(readFileSync(argv[2], "utf8"), (field, value) => {
  if (UNPUBLISHED.includes(field)) return undefined;
  const allowed = ALLOWED.find((one) => one.field === field && one.value === value);
  return allowed ? allowed.like : value;
});
const problems = new Set(events.flatMap(problemsOf));
problems.forEach((problem) => console.error(problem));
console.log(`${events.length} webhooks checked, ${problems.size} problems`);
exit(events.length > 0 && problems.size === 0 ? 0 : 1);

function problemsOf({ event, payload }) {
  const name = payload.action ? `${event}$${payload.action}` : `${event}$event`;
  if (!schema.definitions[name]) return [`${name}: there is no such event`];
  if (!validators.has(name)) {
    validators.set(name, ajv.compile({ $ref: `webhooks#/definitions/${encodeURIComponent(name)}` }));
  }
  const validate = validators.get(name);
  if (validate(payload)) return [];
  return validate.errors.map(
    ({ instancePath, message, params }) => `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
