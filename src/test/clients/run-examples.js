// Runs pieces of JavaScript as they come on standard input, one JSON line each, and answers what they printed.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";

// Within node_modules, so that the pieces find the clients and git does not find the pieces.
const folder = mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), "node_modules", ".examples-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

const write = process.stdout.write.bind(process.stdout);
let printed = "";
process.stdout.write = (text) => {
  printed += text;
  return true;
};
console.log = (...values) => {
  printed += format(...values) + "\n";
};

let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { setup, code } = JSON.parse(line);
  const file = join(folder, `${count++}.mjs`);
  writeFileSync(file, setup + code);
  printed = "";
  let answer;
  try {
    await import(pathToFileURL(file));
    answer = { printed };
  } catch (error) {
    answer = { failed: printed + error.stack };
  }
  write(JSON.stringify(answer) + "\n");
}
