// What goes with a person from page to page, and what one broken part of a page leaves alone.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, cpSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hydrated, launch, open } from "../support/browser.mjs";
import { onlineRetail, save } from "../support/files.mjs";
import { startServer } from "../support/server.mjs";
import { figure, importFile, query, signUp } from "../support/shop.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const search = (page) => Object.fromEntries(new URL(page.url()).searchParams);

test("the period and the comparison stay from page to page", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Scoped");
  await importFile(page, save(server.dir, "scoped.csv", onlineRetail(60)));
  const scope = { period: "2011-01-08..2011-01-20", compare: "2011-01-01..2011-01-07" };
  await page.goto(`/?${new URLSearchParams(scope)}`);
  await hydrated(page);

  // Cards are compared, and the chart comes alive.
  const said = (from, to) => query(server, "scoped", ["net_sales"], "--from", from, "--to", to).net_sales;
  assert.equal(await figure(page, "net_sales"), said("2011-01-08", "2011-01-20"));
  const before = Number(said("2011-01-01", "2011-01-07")).toLocaleString("en", { minimumFractionDigits: 2 });
  const card = await page.getByTestId("kpi-net_sales").textContent();
  assert.ok(card.includes(before), `${before} stands in: ${card}`);
  await page.waitForSelector("#chart-trend[data-live] canvas");
  assert.match(await page.locator("#chart-trend").getAttribute("data-option"), /dashed/);

  const at = async (path, kept = scope) => {
    await page.waitForURL((url) => url.pathname === path || path.test?.(url.pathname));
    const now = search(page);
    for (const [name, value] of Object.entries(kept)) assert.equal(now[name], value, page.url());
  };
  const click = (selector) => page.locator(selector).first().click();
  await click(".sidebar a[href^='/uploads?']");
  await at("/uploads");
  await click("nav.tabs a[href*='state=done']");
  await at("/uploads", { ...scope, state: "done" });
  await page.fill("#find-upload", "scoped");
  await page.getByTestId("find").click();
  await at("/uploads", { ...scope, state: "done", q: "scoped" });
  await click("tbody a[href*='/uploads/']");
  await at(/^\/uploads\/[0-9a-f-]{36}$/);
  // A plain load of the page keeps it too.
  await page.reload();
  await hydrated(page);
  await click("#content a[href*='/uploads/new']");
  await at("/uploads/new");
  await page.setInputFiles("input[type=file]", save(server.dir, "more.csv", onlineRetail(20, 3)));
  await at(/^\/uploads\/[0-9a-f-]{36}$/);
  await click(".sidebar a[href^='/quality']");
  await at("/quality");
  await click(".sidebar a[href^='/?']");
  await at("/");

  // Applying other days leaves the comparison of one's own.
  await page.locator("[popovertarget=date-range-choices]").click();
  assert.equal(await page.inputValue("#date-range-compare"), scope.compare);
  await page.fill("#date-range-from", "2011-01-10");
  await page.locator(".date-range-custom button[type=submit]").click();
  await page.waitForURL((url) => url.searchParams.get("from") === "2011-01-10");
  assert.equal(search(page).compare, scope.compare);
  await tab.close();
});

test("a panel that fails says so in its place, and comes back", async () => {
  const own = await startServer();
  try {
    const tab = await open(browser, own.url);
    const { page } = tab;
    await signUp(page, "Broken");
    await importFile(page, save(own.dir, "orders.csv", onlineRetail(40)));
    // The server begins again without a part of its store.
    await own.kill();
    const table = folderOf(join(own.dir, "data", "lake"), "products");
    renameSync(table, `${table}.away`);
    mkdirSync(table);
    cpSync(join(`${table}.away`, "_delta_log"), join(table, "_delta_log"), { recursive: true });
    tab.problems.allowed.push(/Failed to load resource|net::ERR|WebSocket/);
    await own.restart();

    await page.goto("/?period=all");
    await hydrated(page);
    assert.notEqual(await figure(page, "net_sales"), "0");
    const panel = page.getByTestId("panel-products");
    await panel.getByTestId("error").waitFor();
    assert.match(await panel.textContent(), /Error id [0-9a-f]{12}/);
    await page.waitForSelector("#chart-trend[data-live] canvas");
    rmSync(table, { recursive: true });
    renameSync(`${table}.away`, table);
    await panel.getByRole("button", { name: "Try again" }).click();
    await panel.locator("chart-view").waitFor();
    assert.equal(await panel.getByTestId("error").count(), 0);
    await tab.close();
  } finally {
    await own.stop();
  }
});

test("the keyboard alone opens the period and leaves it", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Keys");
  await importFile(page, save(server.dir, "keys.csv", onlineRetail(20, 5)));
  await page.goto("/?period=all");
  await hydrated(page);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  // Past the navigation: the first stop after it is within the content.
  for (let n = 0; n < 12; n++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.getAttribute("popovertarget") === "date-range-choices")) break;
  }
  await page.keyboard.press("Enter");
  const choices = page.locator("#date-range-choices");
  await choices.waitFor();
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.querySelector("#date-range-choices").contains(document.activeElement)));
  await page.keyboard.press("Escape");
  await choices.waitFor({ state: "hidden" });
  await tab.close();
});

/** The folder `gold/<name>` of the only tenant. */
function folderOf(folder, name) {
  const folders = [folder];
  for (let at = folders.pop(); at; at = folders.pop()) {
    const path = join(at, "gold", name);
    if (existsSync(path)) return path;
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(join(at, entry.name));
    }
  }
  throw new Error(`no table ${name} in ${folder}`);
}
