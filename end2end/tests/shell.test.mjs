// What goes with a person from page to page, and what one broken part of a page leaves alone.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, cpSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axe, hydrated, launch, open } from "../support/browser.mjs";
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

test("figures that cannot be read at all say so within the frame, and come back", async () => {
  const own = await startServer();
  try {
    const tab = await open(browser, own.url);
    const { page } = tab;
    await signUp(page, "Lost");
    await importFile(page, save(own.dir, "orders.csv", onlineRetail(20)));
    await own.kill();
    // The tables are there, and no file of theirs.
    const gold = folderOf(join(own.dir, "data", "lake"));
    renameSync(gold, `${gold}.away`);
    for (const table of readdirSync(`${gold}.away`)) {
      mkdirSync(join(gold, table), { recursive: true });
      cpSync(join(`${gold}.away`, table, "_delta_log"), join(gold, table, "_delta_log"), { recursive: true });
    }
    tab.problems.allowed.push(/Failed to load resource|net::ERR|WebSocket/);
    await own.restart();

    await page.goto("/?period=all");
    await hydrated(page);
    const content = page.locator("#content");
    await content.getByText("The figures could not be loaded").waitFor();
    assert.match(await content.textContent(), /Error id [0-9a-f]{12}/);
    assert.equal(await content.locator("h1").textContent(), "Dashboard");
    assert.ok(await page.locator(".sidebar a[href^='/uploads?']").isVisible(), "the rest is there");
    assert.deepEqual(await axe(page), []);
    rmSync(gold, { recursive: true });
    renameSync(`${gold}.away`, gold);
    await content.getByRole("button", { name: "Try again" }).click();
    await page.getByTestId("kpi-net_sales").waitFor();
    assert.equal(await content.getByTestId("error").count(), 0);
    await tab.close();
  } finally {
    await own.stop();
  }
});

test("the navigation becomes narrow, stays so without a flash, and becomes wide again", async () => {
  const tab = await open(browser, server.url);
  const { page, context } = tab;
  await signUp(page, "Narrow");
  const sidebar = page.locator(".sidebar");
  const toggle = sidebar.locator("button[aria-controls=sidebar-nav]");
  const width = async () => Math.round((await sidebar.boundingBox()).width);
  const becomes = (expected) => page.waitForFunction((w) => Math.round(document.querySelector(".sidebar").getBoundingClientRect().width) === w, expected);
  assert.equal(await width(), 232);
  assert.equal(await toggle.getAttribute("aria-expanded"), "true");
  await toggle.click();
  await becomes(56);
  assert.equal(await toggle.getAttribute("aria-expanded"), "false");
  // Names are still read out, and shown beside the icon that has the focus.
  const uploads = sidebar.getByRole("link", { name: "Uploads", exact: true });
  const words = uploads.locator(".nav-words");
  assert.equal(await words.evaluate((e) => getComputedStyle(e).opacity), "0");
  await sidebar.getByRole("link", { name: "Upload a file" }).focus();
  await page.keyboard.press("Tab");
  await page.waitForFunction((e) => getComputedStyle(e).opacity === "1", await words.elementHandle());
  const [icon, name] = [await uploads.boundingBox(), await words.boundingBox()];
  assert.ok(name.x >= icon.x + icon.width && Math.abs(name.y + name.height / 2 - icon.y - icon.height / 2) < 2, JSON.stringify({ icon, name }));
  assert.deepEqual(await axe(page), []);

  // The first byte of the next page has it, before any script.
  const html = await (await context.request.get("/uploads")).text();
  assert.match(html, /<html[^>]* data-sidebar="narrow"/);
  assert.match(html, /<button[^>]*sidebar-toggle[^>]*aria-expanded="false"|<button[^>]*aria-expanded="false"[^>]*sidebar-toggle/);
  await page.goto("/uploads");
  assert.equal(await width(), 56);
  await hydrated(page);
  assert.equal(await width(), 56);
  assert.equal(await toggle.getAttribute("aria-expanded"), "false");

  // From the right it is at the right.
  await context.addCookies([{ name: "lang", value: "ar", url: server.url }]);
  await page.reload();
  await hydrated(page);
  const box = await sidebar.boundingBox();
  assert.equal(Math.round(box.x + box.width), page.viewportSize().width);
  await sidebar.locator(".nav-item").first().hover();
  const shown = await sidebar.locator(".nav-words").first().boundingBox();
  assert.ok(shown.x + shown.width <= box.x, JSON.stringify({ shown, box }));
  assert.deepEqual(await axe(page), []);
  await toggle.click();
  await becomes(232);
  await page.reload();
  await hydrated(page);
  assert.equal(await width(), 232);
  await tab.close();
});

test("a question mark lists the keys; not while one types", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Listing");
  await page.goto("/uploads");
  await hydrated(page);
  const dialog = page.locator("#shortcuts[open]");
  const find = page.locator("#find-upload");
  await find.focus();
  await page.keyboard.type("what?");
  assert.equal(await find.inputValue(), "what?");
  assert.equal(await dialog.count(), 0);
  const upload = page.locator("#content a[href*='/uploads/new']").first();
  await upload.focus();
  await page.keyboard.press("Shift+?");
  await dialog.waitFor();
  assert.match(await dialog.textContent(), /Find a page or an action.*K/s);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await upload.evaluate((e) => e === document.activeElement), "the focus is where it was");
  // By mouse from the menu.
  await page.locator("[popovertarget=user-menu]").click();
  await page.getByTestId("open-shortcuts").click();
  await dialog.waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "detached" });
  await tab.close();
});

test("the palette finds pages and actions by their names, other words and with typing errors", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Palette");
  await page.goto("/uploads?period=last7");
  await hydrated(page);
  const dialog = page.locator("#palette[open]");
  const line = dialog.getByRole("combobox");
  const marked = dialog.locator("[role=option][aria-selected=true]");
  /** Types into the open palette and waits until this is what Enter would open. */
  const type = async (text, label) => {
    await line.fill(text);
    await marked.filter({ hasText: label }).waitFor();
    assert.equal(await line.getAttribute("aria-activedescendant"), await marked.getAttribute("id"));
  };
  const opened = async () => {
    await page.keyboard.press("ControlOrMeta+k");
    await dialog.waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  };
  const find = page.locator("#find-upload");
  await find.focus();
  await opened();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await find.evaluate((e) => e === document.activeElement), "the focus is where it was");

  await opened();
  await type("tabels", "Tables");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/tables" && url.searchParams.get("period") === "last7");
  // The page is there, not only its address.
  await page.locator("#content").getByRole("heading", { level: 1, name: "Tables" }).waitFor();
  await opened();
  assert.equal(await line.inputValue(), "", "it begins anew");
  await type("reglas", "Checks");
  await line.fill("nothing is called this");
  await dialog.getByText("Try another word").waitFor();
  assert.equal(await dialog.locator("[role=option]").count(), 0);
  assert.deepEqual(await axe(page), []);

  // Arrows go round.
  await line.fill("");
  await marked.filter({ hasText: "Dashboard" }).waitFor();
  await page.keyboard.press("ArrowUp");
  await marked.filter({ hasText: "Sign out" }).waitFor();
  const seen = await marked.evaluate((e) => {
    const [option, list] = [e.getBoundingClientRect(), e.parentElement.getBoundingClientRect()];
    return option.top >= list.top - 1 && option.bottom <= list.bottom + 1;
  });
  assert.ok(seen, "what is marked is in sight");
  await page.keyboard.press("ArrowDown");
  await marked.filter({ hasText: "Dashboard" }).waitFor();

  await type("nihgt", "Theme: Dark");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  await page.waitForFunction(() => document.querySelector("[data-testid=theme-dark]")?.getAttribute("aria-current") === "true");
  await opened();
  await type("arabe", "Language");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.documentElement.dir === "rtl");
  await opened();
  await line.fill("لوحه");
  await marked.filter({ hasText: "لوحة المتابعة" }).waitFor();
  assert.deepEqual(await axe(page), []);
  // The key that opened it closes it.
  await page.keyboard.press("ControlOrMeta+k");
  await dialog.waitFor({ state: "detached" });
  // What was chosen is kept.
  await page.waitForFunction(async () => (await (await fetch("/uploads")).text()).includes('data-theme="dark"'));
  await page.reload();
  await hydrated(page);
  assert.equal(await page.locator("html").getAttribute("lang"), "ar");
  await page.getByTestId("open-palette").click();
  await dialog.waitFor();
  await line.fill("logout");
  await marked.filter({ hasText: "تسجيل الخروج" }).waitFor();
  await marked.click();
  await page.waitForURL((url) => url.pathname === "/sign-in");
  await tab.close();
});

test("the palette comes when it is asked for, and can be asked for again where it did not come", async () => {
  const tab = await open(browser, server.url);
  const { page, context, problems } = tab;
  await signUp(page, "Fetching");
  await page.goto("/uploads");
  await hydrated(page);
  const fetched = [];
  page.on("request", (request) => {
    if (request.url().includes("command_dialogs")) fetched.push(request.url());
  });
  assert.equal(await page.locator("link[href*=command_dialogs]").count(), 0, "no page brings it along");
  problems.allowed.push(/Failed to load resource|net::ERR|Failed to fetch|failed/i);
  await context.route(/command_dialogs/, (route) => route.abort());
  await page.keyboard.press("ControlOrMeta+k");
  await page.locator(".toast").getByText("cannot be reached").waitFor();
  await context.unroute(/command_dialogs/);
  await page.keyboard.press("ControlOrMeta+k");
  await page.locator("#palette[open]").waitFor();
  assert.ok(fetched.length >= 2, "fetched when it was asked for");
  await tab.close();
});

/** The folder `gold/<name>` of the only tenant. */
function folderOf(folder, name = "") {
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
