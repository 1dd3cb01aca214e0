// What surrounds the figures: the checks that files pass, and where a figure comes from.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axe, hydrated, launch, open } from "../support/browser.mjs";
import { onlineRetail, save } from "../support/files.mjs";
import { startServer } from "../support/server.mjs";
import { choose, figure, importFile, inState, signUp } from "../support/shop.mjs";

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a shop's own check holds a file back, until it is switched off", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Own Checks");
  await page.goto("/quality");
  await hydrated(page);
  await page.fill("#rule-name", "Only countries we sell to");
  await page.selectOption("#rule-severity", "critical");
  await page.selectOption("#rule-what", "one_of");
  await page.selectOption("#rule-column", "country");
  // Without values it makes no sense: the form says so at the field, and keeps what was written.
  tab.problems.allowed.push(/422/);
  await page.getByTestId("add").click();
  await page.locator("#rule-values[aria-invalid=true]").waitFor();
  assert.equal(await page.inputValue("#rule-name"), "Only countries we sell to");
  await page.fill("#rule-values", "France, Germany");
  await page.getByTestId("add").click();
  await page.getByTestId("own-rule").waitFor();
  assert.match(await page.getByTestId("own-rule").textContent(), /Country is one of: France, Germany/);
  assert.deepEqual(await axe(page), []);

  const file = save(server.dir, "checked.csv", onlineRetail(30));
  await choose(page, file);
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "held");
  assert.match(await page.getByTestId("checks").textContent(), /Only countries we sell to/);
  assert.deepEqual(await axe(page), []);
  const held = page.url();

  await page.goto("/quality");
  await hydrated(page);
  await page.getByTestId("switch-rule").click();
  await page.getByTestId("own-rule").getByText("Off").waitFor();
  await page.goto(held);
  await hydrated(page);
  await page.getByTestId("change-rerun").click();
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "done");

  await page.goto("/quality");
  await hydrated(page);
  await page.getByTestId("remove-rule").click();
  await page.getByTestId("own-rule").waitFor({ state: "detached" });
  await tab.close();
});

test("amounts of several currencies are added up once there are rates", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Two Currencies");
  const orders = `Order ID,Order Date,SKU,Quantity,Unit Price,Currency
1,2026-02-10,S1,1,5.00,EUR
2,2026-02-10,S1,1,1.00,EUR
3,2026-02-11,S1,1,7.00,USD
`;
  await importFile(page, save(server.dir, "two.csv", orders));
  await page.goto("/?period=all");
  await hydrated(page);
  assert.equal(await figure(page, "net_sales"), "6");
  await page.getByRole("link", { name: "All in EUR" }).click();
  await page.getByTestId("no-rate").waitFor();
  assert.equal(await figure(page, "net_sales"), "");
  assert.equal(await figure(page, "orders"), "3");
  assert.match(await page.getByTestId("no-rate").textContent(), /from USD to EUR for .*2026/);
  assert.deepEqual(await axe(page), []);

  const rates = "Date,From,To,Rate\n2026-02-09,EUR,USD,1.25\n";
  await importFile(page, save(server.dir, "rates.csv", rates));
  await page.goto("/?period=all&currency=all");
  await hydrated(page);
  assert.equal(await figure(page, "net_sales"), "11.6");
  assert.equal(await page.getByTestId("no-rate").count(), 0);
  // Where the figure comes from says the same.
  await page.goto("/lineage?metric=net_sales&period=all&currency=all");
  await page.getByTestId("lineage").waitFor();
  assert.match(await page.locator("main").textContent(), /€11\.60/);
  await tab.close();
});

test("sales are broken down by a column of the shop's own", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Own Columns");
  const orders = `Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Country,City,Packed by & when
1,2026-02-10,S1,1,5.00,EUR,Spain,Madrid,Noor
2,2026-02-10,S1,1,1.00,EUR,Spain,Vigo,Ines
3,2026-02-11,S1,1,7.00,EUR,France,Lyon,Ines
`;
  await importFile(page, save(server.dir, "columns.csv", orders));
  await page.goto("/?period=all");
  await hydrated(page);
  const panel = page.getByTestId("panel-breakdown");
  const table = async () => {
    const rows = await panel.locator("tbody tr").all();
    return Promise.all(rows.map(async (row) => (await row.locator("th, td").allTextContents()).slice(0, 2)));
  };
  assert.match(await panel.locator("h2").textContent(), /Net sales by country/);
  assert.deepEqual(await table(), [
    ["France", "€7.00"],
    ["Spain", "€6.00"],
  ]);
  // Nothing is known of regions, channels and payment methods: they are not offered.
  await panel.getByRole("button", { name: "Break down by" }).click();
  const menu = page.locator("#breakdown-by");
  assert.deepEqual(await menu.getByRole("link").allTextContents(), ["Country", "City", "Packed by & when"]);
  assert.deepEqual(await axe(page), []);
  await menu.getByRole("link", { name: "Packed by" }).click();
  await panel.getByText("Net sales by Packed by & when").waitFor();
  assert.deepEqual(await table(), [
    ["Ines", "€8.00"],
    ["Noor", "€5.00"],
  ]);
  // It is part of the address: a link to it, and another period, show the same.
  await page.reload();
  await hydrated(page);
  assert.deepEqual((await table())[0], ["Ines", "€8.00"]);
  await tab.close();
});

test("a watched folder is shown, and watched no longer when it is told so", async () => {
  const folder = join(server.dir, "exports");
  mkdirSync(folder);
  const own = await startServer({ env: { SR360_WATCH_ROOTS: folder } });
  const tab = await open(browser, own.url);
  const { page } = tab;
  await signUp(page, "Watching");
  await page.goto("/sources");
  await hydrated(page);
  assert.equal(await page.getByTestId("watch").count(), 0);
  own.run("watch", "add", `file://${folder}`, "--tenant", "watching", "--pattern", "*.csv");
  await page.reload();
  await hydrated(page);
  assert.match(await page.getByTestId("watch").textContent(), /exports.*\*\.csv/);
  assert.deepEqual(await axe(page), []);
  await page.getByTestId("remove-watch").click();
  await page.getByTestId("watch").waitFor({ state: "detached" });
  assert.equal(own.run("watch", "list", "--tenant", "watching").trim(), "");
  await tab.close();
  await own.stop();
});

test("a figure leads back to its files", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Origin");
  await importFile(page, save(server.dir, "first.csv", onlineRetail(40)));
  await importFile(page, save(server.dir, "second.csv", onlineRetail(60, 8).replaceAll(/^(\d{6}),/gm, "7$1,")));
  await page.goto("/?period=all");
  await hydrated(page);
  const gross = Number(await figure(page, "gross_sales"));
  const card = page.getByTestId("kpi-gross_sales");
  await card.getByRole("button").click();
  await card.getByRole("link").click();
  await page.getByTestId("lineage").waitFor();
  const rows = page.getByTestId("lineage").locator("tbody tr");
  assert.deepEqual(await rows.locator("th a").allTextContents(), ["second.csv", "first.csv"]);
  // What the files bring is the figure.
  const amounts = (await rows.locator("td:nth-last-child(2)").allTextContents()).map((t) => Number(t.replaceAll(/[^\d.]/g, "")));
  assert.ok(Math.abs(amounts.reduce((a, b) => a + b) - gross) < 0.005, `${amounts} and ${gross}`);
  const value = await page.getByTestId("lineage-value").textContent();
  assert.ok(Math.abs(Number(value.replaceAll(/[^\d.]/g, "")) - gross) < 0.005, value);
  assert.deepEqual(await axe(page), []);
  await tab.close();
});

const products = [
  "SKU,Product Name,Category,Price,Cost,Currency",
  "L-1,Desk lamp,Lighting,39.00,18.50,EUR",
  "L-2,Floor lamp,Lighting,89.00,41.00,EUR",
  "M-1,Mug,Kitchen,6.50,2.10,EUR",
];

test("a list of products is imported beside orders, and updated by its codes", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Products");
  await choose(page, save(server.dir, "products.csv", `${products.join("\n")}\n`));
  await inState(page, "ready");
  assert.match(await page.getByTestId("facts").textContent(), /What it holdsProducts/);
  assert.match(await page.getByTestId("preview-sentence").textContent(), /^3 new, 0 changed/);
  assert.match(await page.getByTestId("preview").textContent(), /Floor lamp/);
  assert.deepEqual(await axe(page), []);
  await page.getByTestId("start").click();
  await inState(page, "done");
  assert.equal(await page.getByTestId("outcome-sentence").textContent(), "Records imported: 3");
  assert.equal(await page.getByTestId("to-dashboard").count(), 0);
  assert.deepEqual(await axe(page), []);

  const later = products.with(3, "M-1,Mug,Kitchen,7.00,2.10,EUR").concat("M-2,Bowl,Kitchen,9.00,3.00,EUR");
  await choose(page, save(server.dir, "later.csv", `${later.join("\n")}\n`));
  await inState(page, "ready");
  assert.match(await page.getByTestId("preview-sentence").textContent(), /^1 new, 1 changed, 2 unchanged/);
  // What the file is can be said.
  await page.selectOption("#data-set", "costs");
  await page.getByTestId("decide").click();
  await page.getByTestId("facts").getByText("Costs").waitFor();
  await tab.close();
});

test("files that have nothing to do with one another are split into uploads of their own", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Split Files");
  const stock = "sku,location,on hand\nM1,Lima,7\n";
  await choose(page, [save(server.dir, "till.csv", onlineRetail(20)), save(server.dir, "stock.csv", stock)]);
  await inState(page, "split");
  const whole = new URL(page.url()).pathname;
  const pieces = page.getByTestId("pieces").locator("tbody tr");
  await pieces.nth(1).waitFor();
  assert.match(await page.getByTestId("pieces").textContent(), /Split into 2 uploads/);
  const names = await page.getByTestId("pieces").locator("tbody a").allTextContents();
  assert.deepEqual(names.sort(), ["stock.csv", "till.csv"]);
  assert.deepEqual(await axe(page), []);
  // Each goes the way of every upload, and leads back.
  await pieces.getByRole("link", { name: "till.csv" }).click();
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "done");
  await page.getByTestId("came-as").getByRole("link").click();
  await inState(page, "split");
  assert.equal(new URL(page.url()).pathname, whole);
  await page.getByTestId("pieces").getByText("Imported").waitFor();
  // The history has it with both.
  await page.goto("/uploads?state=split");
  await hydrated(page);
  const listed = page.getByTestId("history").getByTestId("pieces");
  await listed.waitFor();
  const links = await listed.getByRole("link").allTextContents();
  assert.deepEqual(links.sort(), ["stock.csv", "till.csv"]);
  assert.deepEqual(await axe(page), []);
  await tab.close();
});

test("several files chosen at once are one upload", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Several Files");
  const second = onlineRetail(30, 8).replaceAll(/^(\d{6}),/gm, "7$1,");
  await importFile(page, [save(server.dir, "may.csv", onlineRetail(20)), save(server.dir, "june.csv", second)]);
  await page.goto("/?period=all");
  await hydrated(page);
  assert.equal(Number(await figure(page, "orders")), 50);
  await tab.close();
});

test("records taken though they are odd are shown, and can be corrected", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Odd Records");
  const rows = ["Order ID,Order Date,SKU,Quantity,Unit Price,Line Total,Currency"];
  for (let order = 1; order <= 20; order++) {
    rows.push(`${order},2026-01-${String(order).padStart(2, "0")},S1,2,5.00,10.00,EUR`);
  }
  rows.push("21,2026-01-21,S1,2,5.00,100.00,EUR");
  await importFile(page, save(server.dir, "odd.csv", `${rows.join("\n")}\n`));
  const notes = page.getByTestId("notes");
  assert.match(await notes.textContent(), /not quantity times price.*Line Total/);
  await notes.locator("summary").click();
  await notes.getByRole("cell", { name: "100.00" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.locator("#fix-0").fill("10.00");
  await page.getByTestId("correct").click();
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "done");
  assert.equal(await page.getByTestId("notes").count(), 0);
  await page.goto("/?period=all");
  await hydrated(page);
  assert.equal(Number(await figure(page, "gross_sales")), 210);
  await tab.close();
});

test("a figure opens the lines that it is the sum of", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Behind Figures");
  const orders = ["Order ID,Order Date,SKU,Product Name,Quantity,Unit Price,Currency"];
  for (let n = 1; n <= 60; n++) orders.push(`${n},2026-02-${10 + (n % 9)},S${n},Lamp ${n},${n},1.25,EUR`);
  await importFile(page, save(server.dir, "behind.csv", `${orders.join("\n")}\n`));
  await page.goto("/?period=all");
  await hydrated(page);
  const expected = Number(await figure(page, "units"));
  assert.equal(expected, 1830);
  await page.goto("/lineage?metric=units&period=all");
  await hydrated(page);
  await page.getByTestId("to-lines").click();
  await page.waitForURL(/\/lineage\/lines\?/);
  await page.getByTestId("lines").waitFor();
  // Page by page, the column adds up to the figure; the largest stand first.
  const units = async () => {
    const cells = await page.locator("tbody tr td:nth-child(4)").allTextContents();
    return cells.map((cell) => Number(cell.replaceAll(",", "")));
  };
  const first = await units();
  assert.deepEqual([first.length, first[0]], [50, 60]);
  assert.match(await page.getByTestId("lines").textContent(), /Sum of its lines \(60\)\s*1,830/);
  assert.deepEqual(await axe(page), []);
  await page.locator("a[rel=next]").click();
  await page.waitForURL(/page=2/);
  await page.locator("tbody tr:nth-child(10)").waitFor();
  await page.locator("tbody tr:nth-child(11)").waitFor({ state: "detached" });
  const sum = [...first, ...(await units())].reduce((a, b) => a + b, 0);
  assert.equal(sum, expected);
  await page.getByRole("link", { name: "Gross sales" }).click();
  await page.waitForURL(/sort=gross_sales/);
  // Each line names its file and record.
  const place = page.locator("tbody tr").first().locator("td").last();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 50);
  assert.match(await place.textContent(), /behind\.csv · record 60/);
  // All of them are had as a file.
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("lines-csv").click()]);
  const saved = readFileSync(await download.path(), "utf8").trim().split("\n");
  assert.equal(saved.length, 61);
  assert.match(saved[1], /^60,0,2026-02-16,S60,Lamp 60,,60,75,.*,behind\.csv,60$/);
  // The record leads to what stands in the file.
  await place.getByTestId("to-record").click();
  await page.waitForURL(/\/uploads\/[0-9a-f-]{36}\/records\/60$/);
  const record = page.getByTestId("source-record");
  await record.waitFor();
  const cells = await record.locator("tbody tr").allTextContents();
  assert.equal(cells.length, 7);
  assert.match(cells.join("\n"), /Product Name\s*Lamp 60/);
  assert.deepEqual(await axe(page), []);
  await page.goBack();
  await page.getByTestId("lines").waitFor();
  await page.locator("tbody tr").first().locator("td").last().getByRole("link").first().click();
  await page.waitForURL(/\/uploads\/[0-9a-f-]{36}$/);
  await tab.close();
});

test("what files say beside orders stands in tables", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Tables");
  await page.goto("/tables");
  await hydrated(page);
  assert.match(await page.getByTestId("empty-table").textContent(), /Upload a list of products/);
  assert.deepEqual(await axe(page), []);
  const products = ["sku,product name,price"];
  for (let n = 1; n <= 60; n++) products.push(`S${n},${n % 2 ? "Lamp" : "Vase"} ${n},${n}.50`);
  await importFile(page, save(server.dir, "products.csv", `${products.join("\n")}\n`));
  await page.goto("/tables?table=products");
  await hydrated(page);
  const main = () => page.locator("main").textContent();
  assert.match(await main(), /1–50 of 60 · version 1/);
  assert.deepEqual(await axe(page), []);
  await page.fill("#find-row", "LAMP 5");
  await page.getByTestId("find-row").click();
  await page.waitForURL(/q=LAMP/);
  await page.getByText("1–6 of 6").waitFor();
  await page.getByRole("link", { name: "Exchange rates" }).click();
  await page.getByTestId("empty-table").waitFor();
  await tab.close();
});

test("a key is shown once, sends a file, and the history knows whose it was", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Keys");
  await page.goto("/sources");
  await hydrated(page);
  assert.equal(await page.getByTestId("no-roots").count(), 1);
  await page.fill("#key-name", "The till");
  await page.getByTestId("make-key").click();
  const key = (await page.getByTestId("new-key").locator("code").textContent()).trim();
  assert.match(key, /^sr360_/);
  await page.getByTestId("key").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.reload();
  await hydrated(page);
  assert.equal(await page.getByTestId("new-key").count(), 0);
  assert.match(await page.getByTestId("key").textContent(), /The till.*Good until.*Added by/s);

  const send = (name = "till.csv", order = 1) =>
    fetch(`${server.url}/v1/uploads?name=${name}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "text/csv" },
      body: "Order ID,Order Date,SKU,Quantity,Unit Price,Currency\n".concat(`${order},2026-02-10,S1,1,5.00,EUR\n`),
    });
  const sent = await send();
  assert.ok(sent.ok, `${sent.status} ${await sent.text()}`);
  await page.goto("/uploads");
  await hydrated(page);
  assert.match(await page.getByTestId("history").textContent(), /till\.csv.*Key “The till”/s);
  await page.selectOption("#find-who", { label: "Key “The till”" });
  await page.selectOption("#find-set", "orders");
  // What is picked stays when the page learns of a further upload.
  assert.ok((await send("night.csv", 2)).ok);
  await page.getByRole("link", { name: "night.csv" }).waitFor();
  assert.equal(await page.inputValue("#find-set"), "orders");
  assert.match(await page.inputValue("#find-who"), /^key/);
  await page.fill("#find-since", "2020-01-01");
  await page.getByTestId("find").click();
  await page.waitForURL(/who=key/);
  await page.getByRole("link", { name: "till.csv" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.fill("#find-until", "2020-01-02");
  await page.getByTestId("find").click();
  await page.getByTestId("no-uploads").waitFor();

  await page.goto("/sources");
  await hydrated(page);
  await page.getByTestId("revoke-key").click();
  await page.getByTestId("key").getByText("Ended").waitFor();
  assert.equal((await send()).status, 401);
  await tab.close();
});

test("a check of products is made, and opened again as it was written", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Product Checks");
  await page.goto("/quality");
  await hydrated(page);
  await page.fill("#rule-name", "Cheap only");
  await page.selectOption("#rule-set", "products");
  await page.selectOption("#rule-what", "range");
  await page.selectOption("#rule-column", "price");
  await page.fill("#rule-max", "50");
  await page.getByTestId("add").click();
  await page.getByTestId("own-rule").waitFor();
  await page.getByTestId("edit-rule").click();
  await page.waitForURL(/edit=/);
  await page.locator("#rule-max").waitFor();
  assert.equal(await page.inputValue("#rule-max"), "50");
  assert.equal(await page.inputValue("#rule-set"), "products");
  assert.deepEqual(await axe(page), []);
  assert.match(await page.getByTestId("own-rule").textContent(), /Cheap only.*Products/s);
  // The form took the place of the one for a new check, whose fields were typed into.
  assert.equal(await page.inputValue("#rule-name"), "Cheap only");
  await page.fill("#rule-max", "60.5");
  await page.getByTestId("add").click();
  await page.getByTestId("own-rule").getByText("Price is at most 60.5").waitFor();
  await page.waitForURL((url) => !url.search.includes("edit="));
  await page.waitForFunction(() => document.querySelector("#rule-name")?.value === "");
  assert.equal(await page.inputValue("#rule-max").catch(() => ""), "");
  await tab.close();
});
