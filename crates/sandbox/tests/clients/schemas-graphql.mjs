// Compares a GraphQL schema with GitHub's published one (npm
// @octokit/graphql-schema): each type, field, argument and default must be
// there under the same name, with the same type. The published one has more.
// Usage: node schemas-graphql.mjs read GRAPHQL_URL TOKEN    prints the schema
//        node schemas-graphql.mjs compare SCHEMA.graphql
import { readFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { schema as published } from "@octokit/graphql-schema";
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isScalarType,
  isUnionType,
  printSchema,
} from "graphql";

// What GraphQL itself defines.
const BUILT_IN = /^(__.*|Boolean|Float|ID|Int|String)$/;

// What GitHub's root is besides, which nobody asks for.
const NOT_SERVED = { Query: ["Node"] };

/** The names of the types that are compared. */
const known = new Set();

const [command, ...rest] = argv.slice(2);
if (command === "read") {
  console.log(await read(...rest));
} else {
  // The published SDL declares two fields twice, which GitHub's server tolerates.
  const theirs = buildSchema(published.idl, { assumeValidSDL: true });
  const types = Object.values(buildSchema(readFileSync(rest[0], "utf8")).getTypeMap());
  const ours = types.filter(({ name }) => !BUILT_IN.test(name));
  ours.forEach(({ name }) => known.add(name));
  const differences = ours.flatMap((type) => differencesOf(type, theirs.getType(type.name)));
  differences.forEach((difference) => console.error(difference));
  console.log(`${ours.length} GraphQL types compared, ${differences.length} differences`);
  exit(ours.length > 0 && differences.length === 0 ? 0 : 1);
}

/** The schema that a server tells of itself. */
async function read(url, token) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery({ descriptions: false }) }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return printSchema(buildClientSchema(data));
}

function differencesOf(ours, theirs) {
  const name = ours.name;
  if (!theirs) return [`${name}: there is no such type`];
  if (ours.constructor !== theirs.constructor) return [`${name}: is of another kind`];
  if (isScalarType(ours)) return [];
  if (isEnumType(ours)) return unlike(`${name}'s values`, words(ours.getValues()), words(theirs.getValues()));
  if (isUnionType(ours)) return unlike(`${name}'s types`, words(ours.getTypes()), words(theirs.getTypes()));
  const fields = membersOf(name, ours.getFields(), theirs.getFields());
  return isInputObjectType(ours) ? fields : [...fields, ...interfacesOf(ours, theirs)];
}

/** Differences of fields, or of input fields, and of their arguments. */
function membersOf(owner, ours, theirs) {
  return Object.values(ours).flatMap((field) => {
    const name = `${owner}.${field.name}`;
    const same = theirs[field.name];
    if (!same) return [`${name}: there is no such field`];
    return [
      ...unlike(`${name}'s type`, String(field.type), String(same.type)),
      ...unlike(`${name}'s default`, field.defaultValue, same.defaultValue),
      ...argumentsOf(name, field.args ?? [], same.args ?? []),
    ];
  });
}

function argumentsOf(field, ours, theirs) {
  const taken = ours.flatMap((argument) => {
    const name = `${field}(${argument.name})`;
    const same = theirs.find((other) => other.name === argument.name);
    if (!same) return [`${name}: there is no such argument`];
    return [
      ...unlike(`${name}'s type`, String(argument.type), String(same.type)),
      ...unlike(`${name}'s default`, argument.defaultValue, same.defaultValue),
    ];
  });
  const lacking = theirs.filter(
    (argument) => String(argument.type).endsWith("!") && !ours.some((other) => other.name === argument.name),
  );
  return [...taken, ...lacking.map((argument) => `${field}(${argument.name}): is required, and not taken`)];
}

/** Interfaces that are known here are implemented by the same types. */
function interfacesOf(ours, theirs) {
  const served = (name) => known.has(name) && !NOT_SERVED[ours.name]?.includes(name);
  const there = words(theirs.getInterfaces()).filter(served);
  return unlike(`${ours.name}'s interfaces`, words(ours.getInterfaces()), there);
}

function words(named) {
  return named.map(({ name }) => name).sort();
}

function unlike(what, ours, theirs) {
  const [here, there] = [JSON.stringify(ours), JSON.stringify(theirs)];
  return here === there ? [] : [`${what}: ${here} here, ${there} published`];
}
