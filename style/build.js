// Makes what the pages load besides the WebAssembly: the stylesheet, the chart library cut to what is
// used, the font files.
//
//   OUT=target/site node style/build.js css echarts fonts
//
// css      -> $OUT/$CSS (default pkg/smartretail360.css)
// echarts  -> $OUT/js/echarts.min.js
// fonts    -> $OUT/fonts/*.woff2 (those named in style/assets.txt)

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const out = resolve(process.env.OUT ?? join(root, "target/site"));

function run(tool, args) {
  const result = spawnSync(process.execPath, [join(root, "node_modules", tool), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const tasks = {
  css() {
    const file = join(out, process.env.CSS ?? "pkg/smartretail360.css");
    mkdirSync(dirname(file), { recursive: true });
    run("@tailwindcss/cli/dist/index.mjs", ["-i", "style/tailwind.css", "-o", file, "--minify"]);
  },
  echarts() {
    mkdirSync(join(out, "js"), { recursive: true });
    run("esbuild/bin/esbuild", [
      "style/echarts.js",
      "--bundle",
      "--minify",
      "--format=esm",
      "--target=es2022",
      "--legal-comments=none",
      "--define:process.env.NODE_ENV=\"production\"",
      `--outfile=${join(out, "js/echarts.min.js")}`,
    ]);
  },
  fonts() {
    mkdirSync(join(out, "fonts"), { recursive: true });
    const list = readFileSync(join(root, "style/assets.txt"), "utf8");
    for (const line of list.split("\n").map((l) => l.trim())) {
      if (line && !line.startsWith("#")) copyFileSync(join(root, line), join(out, "fonts", basename(line)));
    }
  },
};

for (const name of process.argv.slice(2)) {
  if (!tasks[name]) {
    console.error(`unknown task ${name}: one of ${Object.keys(tasks).join(", ")}`);
    process.exit(2);
  }
  tasks[name]();
}
