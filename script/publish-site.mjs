// Publishes the built parts of the site: names with hashes under /pkg, compressed copies beside each file,
// and hash.txt for Leptos. What is there already and has not changed is kept.
//   node script/publish-site.mjs PARTS SITE HASH_FILE
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { transformSync } from "esbuild";

const [parts, site, hashFile] = process.argv.slice(2);
if (!hashFile) {
  console.error("usage: publish-site.mjs PARTS SITE HASH_FILE");
  process.exit(2);
}

const name = "smartretail360";
// Images and fonts are compressed by their formats.
const compressible = new Set([".css", ".html", ".ico", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".ttf", ".wasm", ".webmanifest", ".xml"]);

const published = new Map();
const hashes = {};
const built = (file) => readFileSync(join(parts, "pkg", file));
const hash = (...contents) => {
  const sum = createHash("sha256");
  for (const bytes of contents) sum.update(bytes);
  return sum.digest("base64url").replaceAll(/[-_]/g, "").slice(0, 22);
};

// The glue and the pages' loader import each other: all of the module's files share one hash.
const modules = files(join(parts, "pkg")).filter((file) => /\.(wasm|js)$/.test(file)).sort();
const loader = "__wasm_split.js";
const shared = hash(...modules.map(built));
hashes.js = hashes.wasm = hashes.manifest = hashes.split = shared;
const glue = `${name}.${shared}.js`;
/** With other names in it, and as few bytes as it can be said in. */
const renamed = (file, ...names) => {
  let text = built(file).toString();
  for (const [from, to] of names) {
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    text = text.replaceAll(from, to);
  }
  return Buffer.from(transformSync(text, { minify: true, format: "esm", target: "es2022" }).code);
};
for (const file of modules) {
  if (file === `${name}.js`) published.set(`pkg/${glue}`, renamed(file, [`from "./${loader}"`, `from "./__wasm_split.${shared}.js"`]));
  else if (file === `${name}_bg.wasm`) published.set(`pkg/${name}.${shared}.wasm`, built(file));
  else if (file === loader) {
    // Named as Leptos names it in the page's head.
    const names = [[`from "./${name}.js"`, `from "./${glue}"`], ['new URL("./', `new URL("./${shared}/`]];
    published.set(`pkg/__wasm_split.${shared}.js`, renamed(file, ...names));
  }
  // What the glue imports lies under /pkg by its own name, which is unique to its content.
  else published.set(file.startsWith("snippets/") ? `pkg/${file}` : `pkg/${shared}/${file}`, built(file));
}
// Which files a page's function needs, so that its HTML can name them before the glue has run.
const needed = {};
for (const [, from, text] of built(loader).toString().matchAll(/__wasm_split_load_(\w+) = wrapAsyncCb\(makeLoad\(([^]*?)\]\)\)/g)) {
  const [, own] = /"\.\/([\w-]+)\.wasm"/.exec(text);
  needed[from] = [own, ...[...text.matchAll(/__(chunk_\d+)/g)].map(([, chunk]) => chunk)].map((module) => `${shared}/${module}`);
}
if (Object.keys(needed).length === 0) throw new Error("no page is loaded by itself");
published.set(`pkg/__wasm_split_manifest.${shared}.json`, Buffer.from(JSON.stringify(needed)));

const css = built(`${name}.css`);
hashes.css = hash(css);
published.set(`pkg/${name}.${hashes.css}.css`, css);
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
