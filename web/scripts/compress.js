/** Puts a .br and a .gz beside every file of dist that gets smaller by it. */

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url).pathname;
/** Pictures and fonts are compressed already. */
const COMPRESSIBLE = new Set([".css", ".html", ".js", ".json", ".svg"]);

for (const name of readdirSync(DIST, { recursive: true })) {
  const path = join(DIST, name);
  if (!COMPRESSIBLE.has(extname(path)) || !statSync(path).isFile()) continue;
  const bytes = readFileSync(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, quality));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
