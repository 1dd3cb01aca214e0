// Publishes the built parts of the site: names with hashes under /pkg, compressed copies beside each file,
// and hash.txt for Leptos. What is there already and has not changed is kept.
//   node script/publish-site.mjs PARTS SITE HASH_FILE
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [parts, site, hashFile] = process.argv.slice(2);
if (!hashFile) {
  console.error("usage: publish-site.mjs PARTS SITE HASH_FILE");
  process.exit(2);
}

const name = "smartretail360";
const pkg = { js: `${name}.js`, wasm: `${name}_bg.wasm`, css: `${name}.css` };
// Images and fonts are compressed by their formats.
const compressible = new Set([".css", ".html", ".ico", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".ttf", ".wasm", ".webmanifest", ".xml"]);

const published = new Map();
const hashes = {};
for (const [kind, file] of Object.entries(pkg)) {
  const bytes = readFileSync(join(parts, "pkg", file));
  hashes[kind] = createHash("sha256").update(bytes).digest("base64url").replaceAll(/[-_]/g, "").slice(0, 22);
  published.set(`pkg/${name}.${hashes[kind]}.${kind}`, bytes);
}
// What the glue imports lies under /pkg too, by its own name (already unique to its content).
for (const file of files(join(parts, "pkg"))) {
  if (file.startsWith("snippets/")) published.set(`pkg/${file}`, readFileSync(join(parts, "pkg", file)));
}
for (const file of files(join(parts, "assets"))) {
  published.set(file, readFileSync(join(parts, "assets", file)));
}

const wanted = new Set();
for (const [file, bytes] of published) {
  const target = join(site, file);
  const fresh = existsSync(target) && readFileSync(target).equals(bytes);
  write(file, () => bytes, fresh);
  if (compressible.has(extname(file)) && bytes.length > 512) {
    write(`${file}.br`, () => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }), fresh);
    write(`${file}.gz`, () => gzipSync(bytes, { level: 9 }), fresh);
  }
}
for (const file of files(site)) {
  if (!wanted.has(file)) rmSync(join(site, file));
}
mkdirSync(dirname(hashFile), { recursive: true });
writeFileSync(hashFile, Object.entries(hashes).map(([kind, hash]) => `${kind}: ${hash}\n`).join(""));

function write(file, bytes, fresh) {
  wanted.add(file);
  const target = join(site, file);
  if (fresh && existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes());
}

function files(folder, base = folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((entry) => {
    const path = join(folder, entry);
    return statSync(path).isDirectory() ? files(path, base) : [relative(base, path)];
  });
}
