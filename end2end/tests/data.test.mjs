// What surrounds the figures: the checks that files pass, and where a figure comes from.
import assert from "node:assert/strict";
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
  assert.deepEqual(await rows.locator("a").allTextContents(), ["second.csv", "first.csv"]);
  // What the files bring is the figure.
  const amounts = (await rows.locator("td:nth-last-child(2)").allTextContents()).map((t) => Number(t.replaceAll(/[^\d.]/g, "")));
  assert.ok(Math.abs(amounts.reduce((a, b) => a + b) - gross) < 0.005, `${amounts} and ${gross}`);
  const value = await page.getByTestId("lineage-value").textContent();
  assert.ok(Math.abs(Number(value.replaceAll(/[^\d.]/g, "")) - gross) < 0.005, value);
  assert.deepEqual(await axe(page), []);
  await tab.close();
});
