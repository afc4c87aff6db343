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

const ajv = new Ajv.default({ allErrors: true, strict: false });
addFormats.default(ajv);
ajv.addSchema(schema, "webhooks");

const events = JSON.parse(readFileSync(argv[2], "utf8"), (field, value) =>
  UNPUBLISHED.includes(field) ? undefined : value,
);
const problems = new Set(events.flatMap(problemsOf));
problems.forEach((problem) => console.error(problem));
console.log(`${events.length} webhooks checked, ${problems.size} problems`);
exit(events.length > 0 && problems.size === 0 ? 0 : 1);

function problemsOf({ event, payload }) {
  const name = payload.action ? `${event}$${payload.action}` : `${event}$event`;
  if (!schema.definitions[name]) return [`${name}: there is no such event`];
  const validate = ajv.compile({ $ref: `webhooks#/definitions/${encodeURIComponent(name)}` });
  if (validate(payload)) return [];
  return validate.errors.map(
    ({ instancePath, message, params }) => `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
