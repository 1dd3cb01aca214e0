// What a person does on the pages, step by step.
import assert from "node:assert/strict";
import { hydrated } from "./browser.mjs";

export const password = "correct-horse-battery-staple-42";

export async function signUp(page, shop = "Corner Shop") {
  const email = `owner@${shop.toLowerCase().replaceAll(/\W+/g, "-")}.example`;
  await page.goto("/sign-up");
  await hydrated(page);
  await page.fill("[name=shop]", shop);
  await page.fill("[name=name]", "Ada Owner");
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", password);
  await page.getByTestId("sign-up").click();
  await page.waitForURL((url) => url.pathname === "/");
  await hydrated(page);
  return email;
}

export async function signIn(page, email, secret = password) {
  await page.goto("/sign-in");
  await hydrated(page);
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", secret);
  await page.getByTestId("sign-in").click();
}

/** The page of an upload, in one of these states. */
export async function inState(page, ...states) {
  const selector = states.map((state) => `[data-testid=upload][data-state=${state}]`).join(",");
  await page.waitForSelector(selector, { timeout: 60_000 });
}

export async function choose(page, path) {
  await page.goto("/uploads/new");
  await hydrated(page);
  await page.setInputFiles("input[type=file]", path);
  await page.waitForURL(/\/uploads\/[0-9a-f-]{36}/);
}

/** From the file to its result. */
export async function importFile(page, path) {
  await choose(page, path);
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "done");
}

/** The exact figure of a card of the dashboard. */
export async function figure(page, metric) {
  const card = page.getByTestId(`kpi-${metric}`);
  await card.waitFor();
  return card.getAttribute("data-value");
}

/** One row of the query command, by the ids of its columns. */
export function query(server, tenant, metrics, ...more) {
  const text = server.run("query", "--tenant", tenant, "--metrics", metrics.join(","), "--format", "csv", ...more);
  const [head, row, ...rest] = text.trim().split("\n");
  assert.equal(rest.length, 0, "one row");
  const values = row.split(",");
  return Object.fromEntries(head.split(",").map((id, n) => [id, values[n]]));
}
