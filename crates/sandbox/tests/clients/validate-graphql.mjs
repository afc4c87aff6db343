// Validates every GraphQL document of a folder against GitHub's published
// schema (npm @octokit/graphql-schema). Exits 1 at the first folder with an
// invalid document, and when there is none to check.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { argv, exit } from "node:process";
import { schema as github } from "@octokit/graphql-schema";
import { buildSchema, parse, validate } from "graphql";

// The published SDL declares two fields twice, which GitHub's server tolerates.
const schema = buildSchema(github.idl, { assumeValidSDL: true });

const folder = argv[2];
const documents = readdirSync(folder).filter((name) => name.endsWith(".graphql"));
let invalid = documents.length === 0 ? [`${folder}: no .graphql documents`] : [];
for (const name of documents) {
  const errors = validate(schema, parse(readFileSync(join(folder, name), "utf8")));
  invalid = invalid.concat(errors.map((error) => `${name}: ${error.message}`));
}
invalid.forEach((line) => console.error(line));
console.log(`${documents.length} GraphQL documents checked, ${invalid.length} errors`);
exit(invalid.length === 0 ? 0 : 1);
