// What a first visit transfers.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { siteFolder } from "../support/server.mjs";

const LIMIT = 450 * 1024;
const pkg = join(siteFolder, "pkg");
const names = readdirSync(pkg);
const one = (pattern) => names.find((name) => pattern.test(name)) ?? assert.fail(`${pattern} is not in ${pkg}`);
const size = (file) => statSync(join(pkg, file)).size;
/** As it is sent: short files are sent as they are. */
const sent = (file) => {
  try {
    return size(`${file}.br`);
  } catch {
    return size(file);
  }
};

test("a first visit transfers no more WASM and glue than its goal", () => {
  const manifestName = one(/^__wasm_split_manifest\.\w+\.json$/);
  const manifest = JSON.parse(readFileSync(join(pkg, manifestName), "utf8"));
  const hash = manifestName.split(".")[1];
  const always = sent(`smartretail360.${hash}.wasm`) + sent(`smartretail360.${hash}.js`) + sent(`__wasm_split.${hash}.js`);
  console.log(`on every page: ${Math.round(always / 1024)} KB`);
  const visits = Object.entries(manifest).map(([name, modules]) => [
    name.replace(/_\d+$/, ""),
    always + modules.reduce((sum, module) => sum + sent(`${module}.wasm`), 0),
  ]);
  for (const [page, bytes] of visits) console.log(`${page}: ${Math.round(bytes / 1024)} KB`);
  const first = visits.filter(([page]) => /^(dashboard_page|session_pages)$/.test(page));
  assert.equal(first.length, 2, "the pages people enter by");
  for (const [page, bytes] of first) {
    assert.ok(always > 10_000 && bytes <= LIMIT, `${page}: ${bytes} bytes`);
  }
});
