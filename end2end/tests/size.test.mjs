// What a first visit transfers.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { siteFolder } from "../support/server.mjs";

test("WASM and its glue: 450 KB as brotli at most", () => {
  const pkg = join(siteFolder, "pkg");
  const sizes = readdirSync(pkg)
    .filter((name) => /\.(wasm|js)\.br$/.test(name))
    .map((name) => [name, statSync(join(pkg, name)).size]);
  const sum = sizes.reduce((total, [, size]) => total + size, 0);
  console.log(`WASM and glue: ${Math.round(sum / 1024)} KB (${sizes.map(([n, s]) => `${n} ${s}`).join(", ")})`);
  assert.ok(sum > 10_000, "the site is built");
  assert.ok(sum <= 450 * 1024, `${sum} bytes`);
});
