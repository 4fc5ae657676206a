/** Fails when a page loads more JavaScript than its budget, gzipped; workers and lazy parts do not count. */

import { readFileSync } from "node:fs";

const DIST = new URL("../dist/", import.meta.url);
const BUDGETS_KB = {
  "index.html": 106,
  "src/pages/home/page.tsx": 110,
  "src/pages/student/page.tsx": 120,
  "src/pages/wall/page.tsx": 140,
  "src/pages/video/page.tsx": 140,
};

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

/** Every file an entry loads at once. */
function filesOf(entry, found = new Set()) {
  const chunk = manifest[entry];
  if (chunk === undefined) throw new Error(`${entry} is not in the manifest`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const next of chunk.imports ?? []) filesOf(next, found);
  return found;
}

let isOver = false;
for (const [entry, budgetKb] of Object.entries(BUDGETS_KB)) {
  const files = new Set([...filesOf("index.html"), ...filesOf(entry)]);
  const bytes = [...files].map((file) => readFileSync(new URL(`${file}.gz`, DIST)).byteLength);
  const sizeKb = bytes.reduce((sum, size) => sum + size, 0) / 1000;
  const verdict = sizeKb <= budgetKb ? "ok" : "over budget";
  isOver ||= sizeKb > budgetKb;
  console.log(`${entry}: ${sizeKb.toFixed(1)} of ${budgetKb} kB gz, ${verdict}`);
}
process.exitCode = isOver ? 1 : 0;
