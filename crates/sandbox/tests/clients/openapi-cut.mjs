// Cuts GitHub's OpenAPI description (npm @octokit/openapi) down to some routes
// and what they refer to: the whole of it takes a checking proxy a minute to
// read. Fails at a route that GitHub does not declare.
// Usage: node openapi-cut.mjs DESCRIPTION.json ROUTES.json CUT.json
// The routes are a list of "METHOD /path/{parameter}", whatever a parameter is
// called.
import { readFileSync, writeFileSync } from "node:fs";
import { argv, exit } from "node:process";

const [description, routes, cut] = argv.slice(2);
const { openapi, info, paths, components } = JSON.parse(readFileSync(description, "utf8"));
const declared = new Map(Object.keys(paths).map((path) => [nameless(path), path]));

const wanted = { paths: {}, components: {} };
const missing = [];
for (const route of JSON.parse(readFileSync(routes, "utf8"))) {
  const [method, path] = route.split(" ");
  const known = declared.get(nameless(path));
  const operation = paths[known]?.[method.toLowerCase()];
  if (operation) {
    (wanted.paths[known] ??= {})[method.toLowerCase()] = withReferred(operation);
  } else {
    missing.push(route);
  }
}
writeFileSync(cut, JSON.stringify({ openapi, info, ...wanted }));
missing.forEach((route) => console.error(`${route}: GitHub declares no such route`));
console.log(`${Object.keys(wanted.paths).length} of ${declared.size} paths of GitHub's description kept`);
exit(missing.length === 0 ? 0 : 1);

/** A path in which parameters have no names: those are chosen freely. */
function nameless(path) {
  return path.replaceAll(/\{[^}]*\}/g, "{}");
}

/** A part of the description without its examples; what it refers to is kept too. */
function withReferred(part) {
  if (Array.isArray(part)) return part.map(withReferred);
  if (part === null || typeof part !== "object") return part;
  if (typeof part.$ref === "string") keep(part.$ref);
  const kept = Object.entries(corrected(part)).filter(([key]) => key !== "examples");
  return Object.fromEntries(kept.map(([key, value]) => [key, withReferred(value)]));
}

/** The two places where the description contradicts itself, put right. */
function corrected(part) {
  const { format, allOf, ...rest } = part;
  // An address that is empty unless it was given.
  if (format === "uri" && part.default === "") return rest;
  // The account of an installation: a user or an enterprise, not both at once.
  if (allOf?.some(({ title }) => title === "Enterprise")) return { ...rest, anyOf: allOf };
  return part;
}

/** Keeps `#/components/schemas/deployment`. */
function keep(reference) {
  const [, , kind, name] = reference.split("/");
  const there = (wanted.components[kind] ??= {});
  if (name in there) return;
  there[name] = {};
  there[name] = withReferred(components[kind][name]);
}
