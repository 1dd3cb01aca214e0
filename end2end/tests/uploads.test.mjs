import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hydrated, launch, open, watch } from "../support/browser.mjs";
import { ambiguousDates, onlineRetail, save } from "../support/files.mjs";
import { startServer } from "../support/server.mjs";
import { choose, figure, importFile, inState, query, signUp } from "../support/shop.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a file becomes a dashboard with the figures of the command line", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Retail One");
  await page.getByTestId("no-data").waitFor();
  await importFile(page, save(server.dir, "online-retail.csv", onlineRetail()));
  await page.getByTestId("outcome").waitFor();
  await page.getByTestId("to-dashboard").click();
  await page.waitForURL((url) => url.pathname === "/");
  const metrics = ["net_sales", "gross_sales", "orders", "customers"];
  const period = new URL(page.url()).searchParams.get("period");
  const [from, to] = period?.includes("..") ? period.split("..") : [];
  const said = query(server, "retail-one", metrics, ...(from ? ["--from", from, "--to", to] : []));
  for (const metric of metrics) {
    assert.equal(await figure(page, metric), said[metric], metric);
  }
  assert.notEqual(said.orders, "0");
  // The first HTML holds the same numbers: before and without WASM.
  const html = await (await page.request.get(page.url())).text();
  assert.ok(html.includes(`data-value="${said.net_sales}"`), "server-rendered figures");
  assert.ok(html.includes("<svg"), "server-rendered charts");
  assert.ok(html.includes("<table"), "with their data tables");
  await tab.close();
});

test("dates that can be read two ways are asked, not guessed", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Asking");
  await choose(page, save(server.dir, "ambiguous.csv", ambiguousDates()));
  await inState(page, "question");
  await hydrated(page);
  await page.locator("input[type=radio][value=dmy]").check({ force: true });
  await page.getByTestId("decide").click();
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "done");
  const { orders } = query(server, "asking", ["orders"], "--from", "2025-01-01", "--to", "2025-01-31");
  // Day first: the month is the second number, 1 for five of the forty orders.
  assert.equal(orders, "5");
  await tab.close();
});

test("the same file again changes nothing, and says so", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Twice");
  const file = save(server.dir, "twice.csv", onlineRetail(30));
  await importFile(page, file);
  const once = query(server, "twice", ["gross_sales", "orders"]);
  await choose(page, file);
  await page.getByTestId("duplicate").waitFor();
  assert.deepEqual(query(server, "twice", ["gross_sales", "orders"]), once);
  await tab.close();
});

test("what is no table is refused with a reason and a next step", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Refused");
  await choose(page, save(server.dir, "image.csv", "\u0000\u0001\u0002PNG\u0000".repeat(100)));
  await inState(page, "failed");
  await page.getByTestId("not-importable").waitFor();
  await tab.close();
});

test("a reload in the middle of sending: the same file goes on where it was", async () => {
  const tab = await open(browser, server.url);
  const { page, context, problems } = tab;
  await signUp(page, "Resume");
  // Three pieces of 2 MB.
  const file = save(server.dir, "large.csv", onlineRetail(60_000, 11));
  let pieces = 0;
  await context.route("**/uploads/*/bytes", async (route) => {
    pieces += 1;
    // The second piece never arrives: the reload comes first.
    if (pieces === 2) return;
    await route.continue();
  });
  await choose(page, file);
  await page.waitForFunction(() => true);
  while (pieces < 2) await page.waitForTimeout(50);
  problems.allowed.push(/Failed to load resource|net::ERR/);
  await page.reload();
  await hydrated(page);
  await inState(page, "receiving");
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const offsets = [];
  await context.unrouteAll({ behavior: "ignoreErrors" });
  page.on("request", (request) => {
    if (request.method() === "PUT") offsets.push(request.headers()["upload-offset"]);
  });
  await page.goto("/uploads/new");
  await hydrated(page);
  await page.setInputFiles("input[type=file]", file);
  await page.waitForURL(`**/uploads/${id}`);
  await inState(page, "ready");
  assert.notEqual(offsets[0], "0", `went on, not begun again: ${offsets}`);
  await page.getByTestId("start").click();
  await inState(page, "done");
  await tab.close();
});

test("the server is killed during an import and finishes it after its start", async () => {
  const own = await startServer();
  try {
    const tab = await open(browser, own.url);
    const { page, problems } = tab;
    problems.allowed.push(/Failed to load resource|net::ERR|WebSocket/);
    await signUp(page, "Killed");
    await choose(page, save(own.dir, "large.csv", onlineRetail(60_000, 13)));
    await inState(page, "ready");
    await page.getByTestId("start").click();
    await inState(page, "importing", "done");
    await own.kill();
    await own.restart();
    // The page comes back by itself.
    await inState(page, "done");
    const text = await page.getByTestId("outcome-sentence").textContent();
    assert.ok(text?.trim());
    const { orders } = query(own, "killed", ["orders"]);
    assert.equal(orders, "60000");
    await tab.close();
  } finally {
    await own.stop();
  }
});

test("two pages of one upload: both learn of its end", async () => {
  const tab = await open(browser, server.url);
  const { page, context, problems } = tab;
  await signUp(page, "Two Tabs");
  await choose(page, save(server.dir, "tabs.csv", onlineRetail(50)));
  await inState(page, "ready");
  const other = await context.newPage();
  const others = watch(other);
  await other.goto(page.url());
  await inState(other, "ready");
  await hydrated(other);
  await page.getByTestId("start").click();
  await Promise.all([inState(page, "done"), inState(other, "done")]);
  assert.deepEqual([...problems, ...others], []);
  await tab.close();
});

test("an upload opened by its address works in each state", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "By Address");
  const again = async (state) => {
    await inState(page, state);
    await page.goto(page.url());
    await hydrated(page);
    await inState(page, state);
  };

  await choose(page, save(server.dir, "question.csv", ambiguousDates()));
  await again("question");
  await page.locator("input[type=radio][value=dmy]").check({ force: true });
  await page.getByTestId("decide").click();
  await again("ready");
  await page.getByTestId("start").click();
  await again("done");

  // One record of each page of the refused ones, without WASM's help too.
  const lines = onlineRetail(40).trim().split("\n");
  const bad = Array.from({ length: 30 }, (_, n) => `${700000 + n},85001,BAD,one,2011-02-03 10:00:00,1.00,12001,France`);
  await choose(page, save(server.dir, "rejects.csv", [...lines, ...bad].join("\n") + "\n"));
  await again("ready");
  await page.getByTestId("start").click();
  await again("done");
  const rejects = page.getByTestId("rejects");
  assert.equal(await rejects.locator("tbody tr").count(), 25);
  await rejects.locator("a[href$='page=2']").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=rejects] tbody tr").length === 5);
  const html = await (await page.request.get(page.url())).text();
  assert.ok(html.includes("700029") || html.includes(",one,"), "the second page is in the first HTML");

  await choose(page, save(server.dir, "picture.csv", "\u0000\u0001\u0002PNG\u0000".repeat(100)));
  await again("failed");
  await tab.close();
});
