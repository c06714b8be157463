// Runs JavaScript from standard input, one JSON line for each example, and returns what each prints.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";

// In node_modules, where the examples find the clients and git ignores them.
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
