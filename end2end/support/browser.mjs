// One Chromium, and pages that fail their test on any error in the console.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const executablePath = process.env.SR360_CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const out = join(import.meta.dirname, "..", "out");

export function launch() {
  mkdirSync(out, { recursive: true });
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A fresh browser profile with one page.
 * @param {import("playwright-core").Browser} browser
 */
export async function open(browser, url, { phone = false, dark = false, language = "en", scripts = true } = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 900 },
    hasTouch: phone,
    isMobile: phone,
    colorScheme: dark ? "dark" : "light",
    locale: language,
    reducedMotion: "reduce",
    javaScriptEnabled: scripts,
  });
  context.setDefaultTimeout(20_000);
  // A panic of the WASM is found by its callers.
  await context.addInitScript(() => (Error.stackTraceLimit = 60));
  const page = await context.newPage();
  const problems = watch(page);
  return {
    page,
    context,
    problems,
    /** Ends the profile; throws what went wrong in the page. */
    async close() {
      await context.close();
      assert.deepEqual(problems.filter((p) => !p.expected), [], "errors in the page");
    },
  };
}

/** Page errors, console errors, and requests that the server answered with a failure. */
export function watch(page) {
  const problems = [];
  // What a test provokes on purpose (a wrong password is answered with 4xx, which Chromium logs).
  problems.allowed = [];
  const note = (text) => {
    if (!problems.allowed.some((pattern) => pattern.test(text))) problems.push(text);
  };
  page.on("pageerror", (error) => note(`page error: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() === "error") note(`console: ${message.text()} (${message.location().url})`);
  });
  return problems;
}

/** Waits until WASM has taken over: forms and buttons answer. */
export async function hydrated(page) {
  await page.waitForSelector("html[data-hydrated]", { state: "attached" });
}

/** Accessibility by axe: WCAG 2.2 A and AA. */
export async function axe(page) {
  // What is dimmed while newer figures are on their way is looked at when they are there.
  // The gallery of components shows some that stay busy.
  const quiet = () =>
    !document.querySelector("figure[aria-busy=true], section[aria-busy=true], #content > [aria-busy=true]") &&
    document.getAnimations().every((a) => a.playState !== "running");
  await page.waitForFunction(quiet, undefined, { timeout: 4_000 }).catch((error) => {
    if (error.name !== "TimeoutError") throw error;
  });
  // Not a script element: the page's policy refuses those.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.failureSummary?.split("\n")[1]?.trim() ?? ""}`).join(" | ")}`);
}
