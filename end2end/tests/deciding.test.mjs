import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { axe, hydrated, launch, open } from "../support/browser.mjs";
import { ambiguousDates, onlineRetail, save } from "../support/files.mjs";
import { startServer } from "../support/server.mjs";
import { choose, importFile, inState, password, query, signUp } from "../support/shop.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const twoDates = `Order ID,Order Date,Shipped,SKU,Quantity,Unit Price,Currency,Room,Shelf
1,2026-01-10,2026-02-10,S1,1,10.00,EUR,a,b
2,2026-01-11,2026-02-11,S2,2,5.00,EUR,c,d
`;

test("a field given to two columns is refused at the form; the newer of two answers counts", async () => {
  const tab = await open(browser, server.url);
  const { page, problems } = tab;
  problems.allowed.push(/Failed to load resource/);
  await signUp(page, "Mapping");
  await choose(page, save(server.dir, "two-dates.csv", twoDates));
  await inState(page, "ready");
  await hydrated(page);
  assert.equal(await page.inputValue("#map-7"), "extra", "what is preselected is what happens");
  await page.selectOption("#map-7", "region");
  await page.selectOption("#map-8", "region");
  await page.getByTestId("decide").click();
  const form = page.getByTestId("decide-form");
  await form.getByText("“Room” and “Shelf”").waitFor();
  assert.equal(await page.getByTestId("upload").getAttribute("data-state"), "ready");
  await page.goto(page.url());
  await hydrated(page);
  await inState(page, "ready");
  assert.equal(await page.inputValue("#map-8"), "extra", "nothing was written");

  const dateIs = async (column, other) => {
    await page.selectOption(`#map-${column}`, "date");
    await page.getByTestId("decide").click();
    await page.waitForFunction(
      ([column, other]) =>
        document.querySelector(`#map-${column}`)?.value === "date" && document.querySelector(`#map-${other}`)?.value === "extra",
      [column, other],
    );
    await inState(page, "ready");
  };
  await dateIs(2, 1);
  await dateIs(1, 2);
  await page.selectOption("#map-7", "ignore");
  await page.getByTestId("decide").click();
  await page.waitForFunction(() => document.querySelector("#map-7")?.value === "ignore");
  await page.getByTestId("start").click();
  await inState(page, "done");
  assert.equal(query(server, "mapping", ["orders"], "--from", "2026-01-01", "--to", "2026-01-31").orders, "2");
  await tab.close();
});

test("remembered answers say so, can be changed and forgotten", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Remembering");
  await choose(page, save(server.dir, "first.csv", ambiguousDates()));
  await inState(page, "question");
  await hydrated(page);
  await page.locator("input[type=radio][value=mdy]").check({ force: true });
  await page.getByTestId("decide").click();
  await inState(page, "ready");
  assert.ok(await page.locator("input[type=radio][value=mdy]").isChecked(), "the answer stays in sight");
  assert.equal(await page.getByTestId("remembered").count(), 0);

  await choose(page, save(server.dir, "second.csv", ambiguousDates(41)));
  await inState(page, "ready");
  await hydrated(page);
  await page.getByTestId("remembered").waitFor();
  await page.locator("input[type=radio][value=dmy]").check({ force: true });
  await page.getByTestId("decide").click();
  await page.waitForFunction(() => !document.querySelector("[data-testid=remembered]"));
  assert.ok(await page.locator("input[type=radio][value=dmy]").isChecked());
  assert.deepEqual(await axe(page), []);

  await page.getByTestId("ask-again").click();
  await inState(page, "question");
  await choose(page, save(server.dir, "third.csv", ambiguousDates(42)));
  await inState(page, "question");
  await tab.close();
});

test("how the file is read can be chosen, and the preview follows", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Reading");
  const lines = onlineRetail(20).trim().split("\n");
  await choose(page, save(server.dir, "repeated.csv", `${[...lines, lines.at(-1)].join("\n")}\n`));
  await inState(page, "ready");
  await hydrated(page);
  const counts = await page.getByTestId("preview-counts").textContent();
  assert.match(counts ?? "", new RegExp(`Records\\s*${lines.length}`));
  await page.selectOption("#drop-duplicates", "true");
  await page.fill("#currency", "CHF");
  await page.getByTestId("decide").click();
  await page.waitForFunction(() => /Left out\s*1/.test(document.querySelector("[data-testid=preview-counts]")?.textContent ?? ""));
  await page.getByTestId("start").click();
  await inState(page, "done");
  assert.match((await page.getByTestId("outcome").textContent()) ?? "", /CHF/);
  await tab.close();
});

test("a file of refused records shows them, and offers no try that would fail", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "All Refused");
  const bad = [1, 2, 3].map((n) => `${800000 + n},85001,CUP,one,2011-02-03 10:00:00,1.00,12001,France`);
  const head = onlineRetail(1).split("\n")[0];
  await choose(page, save(server.dir, "bad.csv", `${[head, ...bad].join("\n")}\n`));
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "failed");
  assert.equal(await page.getByTestId("change-retry").count(), 0);
  assert.equal(await page.getByTestId("rejects").locator("tbody tr").count(), 3);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("rejects-csv").click()]);
  assert.equal(download.suggestedFilename(), "rejects.csv");
  assert.deepEqual(await axe(page), []);
  await page.fill("#fix-0", "1");
  await page.getByTestId("correct").click();
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "done");
  assert.equal(query(server, "all-refused", ["orders"]).orders, "3");
  await tab.close();
});

test("records are mended in a table: one, all like it, and by find and replace", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Mending");
  const row = (n, quantity, price) => `${800000 + n},85001,CUP,${quantity},2011-02-03 10:00:00,${price},12001,France`;
  const bad = [row(1, "one", "1.00"), row(2, "one", "1.00"), row(3, "two", "1.00"), row(4, 1, "cheap"), row(5, 1, "cheap")];
  await importFile(page, save(server.dir, "mend.csv", `${onlineRetail(40)}${bad.join("\n")}\n`));
  const orders = () => Number(query(server, "mending", ["orders"]).orders);
  const before = orders();
  const mend = async () => {
    await page.getByTestId("to-mend").click();
    await page.waitForURL(/\/records$/);
    await page.getByTestId("mend-table").waitFor();
  };
  const imported = async () => {
    await page.waitForURL(/\/uploads\/[0-9a-f-]{36}$/);
    await inState(page, "ready");
    await page.getByTestId("start").click();
    await inState(page, "done");
    return orders() - before;
  };
  await mend();
  assert.equal(await page.locator("tbody tr").count(), 5);
  assert.deepEqual(await axe(page), []);
  const cell = (n, column) => page.locator("tbody tr").nth(n).locator(`input[id$='-${column}']`);
  assert.equal(await cell(0, 3).inputValue(), "one");
  assert.equal(await cell(0, 3).getAttribute("aria-invalid"), "true");
  // By keyboard alone.
  await cell(0, 3).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  assert.equal(await imported(), 1);

  await mend();
  assert.equal(await page.locator("tbody tr").count(), 4);
  await cell(2, 5).fill("2.50");
  await page.locator("tbody tr").nth(2).locator("input[type=checkbox]").check({ force: true });
  await page.getByTestId("mend-apply").click();
  assert.equal(await imported(), 3);

  await mend();
  await page.selectOption("#replace-column", { label: "Quantity" });
  await page.fill("#replace-from", "two");
  await page.fill("#replace-to", "2");
  await page.getByTestId("replace-apply").click();
  assert.equal(await imported(), 4);
  await tab.close();
});

const signInHere = async (page, email, secret) => {
  const dialog = page.locator("#session-ended");
  await dialog.locator("[name=email]").fill(email);
  await dialog.locator("[name=password]").fill(secret);
  await dialog.getByTestId("sign-in").click();
};

test("the session ends while a question is answered: nothing is lost", async () => {
  const tab = await open(browser, server.url);
  const { page, context, problems } = tab;
  problems.allowed.push(/WebSocket|status of 401/);
  const email = await signUp(page, "Ending Here");
  await choose(page, save(server.dir, "ending.csv", ambiguousDates()));
  await inState(page, "question");
  await hydrated(page);
  await page.locator("input[type=radio][value=dmy]").check({ force: true });
  await context.clearCookies();
  await page.getByTestId("decide").click();
  await page.locator("#session-ended[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("signed-out").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByTestId("sign-in-again").click();
  await signInHere(page, email, password);
  await page.locator("#session-ended[open]").waitFor({ state: "detached" });
  assert.equal(await page.getByTestId("signed-out").count(), 0);
  assert.ok(await page.locator("input[type=radio][value=dmy]").isChecked());
  await page.getByTestId("decide").click();
  await inState(page, "ready");
  await tab.close();
});

test("the session ends after the last byte: sending waits for the next sign-in", async () => {
  const tab = await open(browser, server.url);
  const { page, context, problems } = tab;
  problems.allowed.push(/WebSocket|status of 401/);
  const email = await signUp(page, "Ending There");
  let calls = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/api/uploads/complete")) calls += 1;
  });
  await context.route("**/uploads/*/bytes", async (route) => {
    const response = await route.fetch();
    await context.clearCookies();
    await route.fulfill({ response });
  });
  await choose(page, save(server.dir, "there.csv", onlineRetail(30)));
  await page.locator("#session-ended[open]").waitFor();
  await signInHere(page, email, password);
  await inState(page, "ready");
  assert.equal(calls, 2, "asked again after the sign-in");
  await tab.close();
});

test("who signs in as somebody else is shown what is theirs", async () => {
  const other = await open(browser, server.url);
  const theirs = await signUp(other.page, "Somebody Else");
  await other.close();
  const tab = await open(browser, server.url);
  const { page, context, problems } = tab;
  problems.allowed.push(/WebSocket|status of 40[14]/);
  await signUp(page, "Somebody");
  await choose(page, save(server.dir, "somebody.csv", ambiguousDates()));
  await inState(page, "question");
  await hydrated(page);
  await page.locator("input[type=radio][value=dmy]").check({ force: true });
  await context.clearCookies();
  await page.getByTestId("decide").click();
  await page.locator("#session-ended[open]").waitFor();
  await signInHere(page, theirs, password);
  await page.getByTestId("upload-missing").waitFor();
  assert.equal((await page.getByTestId("tenant-name").textContent())?.trim(), "Somebody Else");
  await tab.close();
});

test("a file that changed while it was sent is said to have changed", async () => {
  const tab = await open(browser, server.url);
  const { page, context, problems } = tab;
  problems.allowed.push(/Failed to load resource|net::ERR/);
  await signUp(page, "Changing");
  const file = save(server.dir, "changing.csv", onlineRetail(60_000, 12));
  let pieces = 0;
  await context.route("**/uploads/*/bytes", async (route) => {
    pieces += 1;
    if (pieces === 2) {
      writeFileSync(file, "gone\n");
      await route.abort();
      return;
    }
    await route.continue();
  });
  await choose(page, file);
  await page.getByText("can no longer be read on this device").waitFor();
  await tab.close();
});

const unnamed = (year) => `c1;c2;c3\n${year}-03-04;2;4,50\n${year}-03-05;1;3,25\n${year}-03-06;3;12,00\n`;

test("a table that nobody knows is mapped by hand, and the next one like it is not asked", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Unnamed");
  await choose(page, save(server.dir, "unnamed.csv", unnamed(2026)));
  await inState(page, "question");
  await hydrated(page);
  const asked = await page.getByTestId("decide-form").textContent();
  assert.match(asked, /What does this file hold\?.*date of the order.*price or the amount.*quantity/s);
  assert.doesNotMatch(asked, /map\.0/);
  assert.match(await page.getByTestId("column-2").textContent(), /c3.*4,50/s);
  assert.ok(await page.locator("input[type=radio][value=orders]").isChecked(), "orders, unless it is said otherwise");
  assert.deepEqual(await axe(page), []);
  await page.selectOption("#map-0", "date");
  await page.selectOption("#map-1", "quantity");
  await page.selectOption("#map-2", "unit_price");
  await page.getByTestId("decide").click();
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "done");
  const figures = query(server, "unnamed", ["gross_sales", "units"], "--from", "2026-03-01", "--to", "2026-03-31");
  assert.deepEqual([Number(figures.gross_sales), Number(figures.units)], [48.25, 6]);

  await choose(page, save(server.dir, "next.csv", unnamed(2025)));
  await inState(page, "ready");
  assert.equal(await page.inputValue("#map-2"), "unit_price");
  // What is no table of orders is said to be something else, and asked what that needs.
  await choose(page, save(server.dir, "things.csv", "x1;x2\nM-1;Mug\nC-1;Cup\n"));
  await inState(page, "question");
  await hydrated(page);
  await page.getByText("No column looks like it").first().waitFor();
  await page.locator("input[type=radio][value=products]").check({ force: true });
  await page.getByTestId("decide").click();
  await page.getByTestId("question-mapping.sku").waitFor();
  await page.locator("input[type=radio][value='0=sku']").check({ force: true });
  await page.getByTestId("decide").click();
  await inState(page, "ready");
  assert.match(await page.getByTestId("facts").textContent(), /What it holdsProducts/);
  await tab.close();
});

test("the form of a file can be said, and a sign of several currencies is asked", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await signUp(page, "Forms");
  const orders = `Order ID,Order Date,SKU,Quantity,Unit Price
1,2026-02-10 23:30:00,S1,1,$5.00
2,2026-02-11 10:00:00,S2,2,$1.00
`;
  await choose(page, save(server.dir, "dollars.csv", orders));
  await inState(page, "question");
  await hydrated(page);
  const first = page.getByTestId("question-currency").locator("label").first();
  assert.match(await first.textContent(), /USD.*\$5\.00 → 5 USD/s);
  await page.locator("input[type=radio][value=CAD]").check({ force: true });
  await page.getByTestId("decide").click();
  await inState(page, "ready");
  assert.match(await page.getByTestId("preview-sentence").textContent(), /CA\$7\.00/);
  const form = page.getByTestId("form-of-file");
  assert.match(await form.locator("summary").textContent(), /UTF-8 · Comma · .* · Column names in line 1/);
  await form.locator("summary").click();
  assert.deepEqual(await axe(page), []);
  await page.fill("#form-timezone", "Nowhere/At_All");
  tab.problems.allowed.push(/422/);
  await page.getByTestId("decide").click();
  await page.getByTestId("decide-form").getByRole("alert").getByText(/./).first().waitFor();
  await page.fill("#form-timezone", "America/New_York");
  await page.getByTestId("decide").click();
  await form.locator("summary").getByText("America/New_York").waitFor();
  // Without a header it is another table.
  if (!(await page.locator("#form-header").isVisible())) await form.locator("summary").click();
  await page.selectOption("#form-header", "no");
  await page.getByTestId("decide").click();
  await page.getByTestId("column-0").getByText("column 1", { exact: true }).waitFor();
  await tab.close();
});

test("on a phone many answers are one short list, with what each would mean", async () => {
  const tab = await open(browser, server.url, { phone: true });
  const { page } = tab;
  await signUp(page, "Small Screen");
  const orders = "Order ID,Order Date,SKU,Quantity,Unit Price\n1,2026-02-10,S1,1,$5.00\n2,2026-02-11,S2,2,$1.00\n";
  await choose(page, save(server.dir, "small-dollars.csv", orders));
  await inState(page, "question");
  await hydrated(page);
  const lines = async (question) => {
    const answers = page.getByTestId(`question-${question}`).locator("label.choice");
    const boxes = await answers.evaluateAll((all) => all.map((e) => e.getBoundingClientRect().toJSON()));
    assert.ok(boxes.length >= 9, `${boxes.length} answers`);
    for (const [n, { height, bottom }] of boxes.entries()) {
      assert.ok(height >= 44 && height <= 70, `${height} px`);
      if (boxes[n + 1]) assert.ok(Math.abs(boxes[n + 1].top - bottom) < 1, "line below line");
    }
    return answers;
  };
  const currencies = await lines("currency");
  assert.match(await currencies.first().textContent(), /USD.*\$5\.00 → 5 USD/s);
  await currencies.filter({ hasText: "CAD" }).click();
  assert.ok(await page.locator("input[type=radio][value=CAD]").isChecked());
  assert.deepEqual(await axe(page), []);
  // Nothing follows in the card as long as something is asked: no room is left for it.
  const spare = await page.getByTestId("form-of-file").evaluate((form) => form.closest("section").getBoundingClientRect().bottom - form.getBoundingClientRect().bottom);
  assert.ok(spare <= 24, `${spare} px below`);

  await choose(page, save(server.dir, "small-unnamed.csv", unnamed(2024)));
  await inState(page, "question");
  await hydrated(page);
  await lines("data_set");
  await tab.close();
});
