// Starts the real binary on a free port with its own data folder, and runs its commands on the same data.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const cache = process.env.SR360_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "smartretail360");
const target = process.env.CARGO_TARGET_DIR ?? join(cache, "target");
export const binary = process.env.SR360_BINARY ?? join(target, "release", "smartretail360");
export const siteFolder = join(target, "site");

/** @param {{ demo?: boolean, env?: Record<string, string> }} options */
export async function startServer({ demo = false, env = {} } = {}) {
  if (!existsSync(binary)) throw new Error(`${binary} is not built: run script/build-site`);
  const dir = mkdtempSync(join(tmpdir(), "sr360-end2end-"));
  const port = await freePort();
  const environment = {
    ...process.env,
    SR360_SERVER_ADDR: `127.0.0.1:${port}`,
    SR360_DATA_DIR: join(dir, "data"),
    ...env,
  };
  const url = `http://127.0.0.1:${port}`;
  let log = "";
  let child;

  async function start() {
    child = spawn(binary, ["all", ...(demo ? ["--demo"] : [])], { cwd: dir, env: environment });
    child.stdout.on("data", (bytes) => (log += bytes));
    child.stderr.on("data", (bytes) => (log += bytes));
    const started = child;
    const deadline = Date.now() + 120_000;
    for (;;) {
      if (started.exitCode !== null) throw new Error(`the server ended:\n${log}`);
      if (Date.now() > deadline) throw new Error(`the server does not get ready:\n${log}`);
      const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function end(signal) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  await start();
  return {
    url,
    dir,
    log: () => log,
    /** A printed link, by the path it begins with. */
    link: (path) => log.match(new RegExp(`http://[^\\s]*${path}[^\\s]*`))?.[0],
    kill: () => end("SIGKILL"),
    restart: start,
    /** A command of the binary on the same data: its standard output. */
    run(...args) {
      return this.runWith("", ...args);
    },
    /** As `run`, with this on standard input. */
    runWith(input, ...args) {
      const result = spawnSync(binary, args, { cwd: dir, env: environment, encoding: "utf8", input });
      if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.status}\n${result.stderr}`);
      return result.stdout;
    },
    async stop() {
      await end("SIGTERM");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
