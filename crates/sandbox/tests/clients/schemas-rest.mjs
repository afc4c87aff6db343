// Checks REST answers against GitHub's OpenAPI description, in the form of npm
// @octokit/openapi-types: TypeScript type-checks each answer, a literal, against
// the type of its path, method and status. So a field that lacks, one too many,
// a wrong type, a null and an unknown word are all noticed; formats of strings
// are not. (npm @octokit/openapi, the description itself, is 385 MB.)
// Usage: node schemas-rest.mjs ANSWERS.json, a list of
// { path, method, status, body }, the path as GitHub declares it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argv, exit } from "node:process";
import ts from "typescript";

// What GitHub sends and its description does not have yet.
const UNPUBLISHED = [
  { field: "status", where: ({ status }) => status >= 400 },
  { field: "installed_version", where: ({ path }) => path === "/meta" },
];

// Where the description contradicts itself: there, the account of an
// installation is a user and an enterprise at once.
const MISDECLARED = new Map([["GET /app/installations 200", 'components["schemas"]["installation"][]']]);

const SHAPES = `
import type { components, paths } from "@octokit/openapi-types";
export type { components, paths };
/** How GitHub says what is wrong. */
type Problem = components["schemas"]["basic-error"] & { errors?: object[] };
/** What an answer says for which nothing is declared. */
type Undeclared<Failed> = Failed extends true ? Problem : never;
/** What an answer says that is declared without a body. */
type Empty<Failed> = Failed extends true ? Problem : null;
type Content<Answer, Failed> = Answer extends { content: infer Kinds }
  ? [Kinds] extends [never]
    ? Empty<Failed>
    : Kinds extends { "application/json": infer Body }
      ? Body
      : Empty<Failed>
  : Empty<Failed>;
export type Body<Operation, Status, Failed> = Operation extends { responses: infer Answers }
  ? Status extends keyof Answers
    ? Content<Answers[Status], Failed>
    : Undeclared<Failed>
  : never;
`;

const folder = import.meta.dirname;
const answers = JSON.parse(readFileSync(argv[2], "utf8"));
const files = new Map([[join(folder, "shapes.ts"), SHAPES]]);
const asked = new Map();
answers.forEach((answer, index) => {
  const file = join(folder, `answer-${index}.ts`);
  files.set(file, literal(answer));
  asked.set(file, `${answer.method} ${answer.path} ${answer.status}`);
});

const problems = diagnose(files).map(({ file, start, messageText }) => {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n    ");
  if (!file) return message;
  const line = file.text.slice(file.text.lastIndexOf("\n", start) + 1).split("\n")[0];
  return `${asked.get(file.fileName) ?? file.fileName}: ${line.trim()}\n    ${message}`;
});
problems.forEach((problem) => console.error(problem));
console.log(`${answers.length} REST answers checked, ${problems.length} problems`);
exit(answers.length > 0 && problems.length === 0 ? 0 : 1);

/** A program that holds if the answer has the declared shape. */
function literal(answer) {
  const { path, method, status } = answer;
  const known = UNPUBLISHED.filter(({ where }) => where(answer)).map(({ field }) => field);
  const body = Array.isArray(answer.body) || answer.body === null ? answer.body : { ...answer.body };
  known.forEach((field) => delete body?.[field]);
  const operation = `paths[${JSON.stringify(path)}][${JSON.stringify(method.toLowerCase())}]`;
  const shape =
    MISDECLARED.get(`${method} ${path} ${status}`) ?? `Body<${operation}, ${status}, ${status >= 400}>`;
  return `import type { Body, components, paths } from "./shapes";
export const answer: ${shape} =
${JSON.stringify(body, null, 1)};
`;
}

/** Type-checks files that are in memory only. */
function diagnose(files) {
  const options = {
    lib: ["lib.es2020.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) =>
    files.has(name)
      ? ts.createSourceFile(name, files.get(name), version)
      : getSourceFile(name, version, ...rest);
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host });
  return ts.getPreEmitDiagnostics(program);
}
