// Holds what the bot said against npm @slack/types: each block, view and
// metadata is written down as a constant of its type, and TypeScript checks it.
// Texts that have no meaning for a type are left out of account, so that what
// has the same shape is checked once.
// Usage: node types.mjs FOLDER-OF-RECORDINGS
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The fields whose text can be anything. */
const FREE = new Set(
  ("text value url image_url alt_text block_id action_id callback_id private_metadata external_id " +
    "event_type fallback initial_value username ts thread_ts channel user trigger_id view_id").split(" "),
);
const TYPES = { block: "KnownBlock", view: "View", metadata: "MessageMetadata" };

const folder = argv[2];
const shapes = new Map();
const unseen = new Set();
let said = 0;
for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".jsonl"))) {
  for (const line of readFileSync(path.join(folder, file), "utf8").split("\n").filter(Boolean)) {
    const { method, ...call } = JSON.parse(line);
    const given = call.arguments ?? {};
    if (given.attachments?.length) unseen.add(`${method}: attachments are not looked at`);
    for (const block of given.blocks ?? []) add(method, "block", block);
    if (given.view) {
      // The type of a view takes any block.
      add(method, "view", { ...given.view, blocks: [] });
      for (const block of given.view.blocks) add(method, "block", block);
    }
    if (given.metadata) add(method, "metadata", given.metadata);
  }
}

const problems = [...unseen, ...check([...shapes.values()])];
for (const problem of problems) console.error(problem);
console.log(`@slack/types: ${said} blocks, views and metadata of ${shapes.size} shapes checked`);
exit(problems.length > 0 || shapes.size === 0 ? 1 : 0);

function add(method, kind, value) {
  said += 1;
  const text = JSON.stringify(value, (name, inner) => {
    if (name === "event_payload") return Object.fromEntries(Object.keys(inner).map((key) => [key, "…"]));
    return FREE.has(name) && typeof inner === "string" ? "…" : inner;
  });
  shapes.set(`${kind} ${text}`, { method, kind, text });
}

/** What TypeScript complains of, without the tail that names every other type. */
function check(constants) {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const name = path.join(here, "said.ts");
  const imports = `import type { ${Object.values(TYPES).join(", ")} } from "@slack/types";\n`;
  const source =
    imports + constants.map(({ kind, text }, at) => `export const c${at}: ${TYPES[kind]} = ${text};\n`).join("");
  const options = { strict: true, noEmit: true, types: [], module: ts.ModuleKind.NodeNext };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, source, ts.ScriptTarget.ES2022) : read(file, ...rest);
  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map((found) => {
    const why = ts.flattenDiagnosticMessageText(found.messageText, "\n").split("\n");
    const line = found.file ? ts.getLineAndCharacterOfPosition(found.file, found.start).line : 0;
    const constant = constants[line - 1];
    return constant ? `${constant.method}: ${why.at(-1).trim()} in ${constant.text}` : why.join(" ");
  });
}
