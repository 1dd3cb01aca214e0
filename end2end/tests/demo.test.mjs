import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hydrated, launch, open } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { figure } from "../support/shop.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer({ demo: true }), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("the link opens the labelled sample store, once", async () => {
  const link = server.link("/demo\\?token=");
  assert.ok(link, server.log());
  const tab = await open(browser, server.url);
  await tab.page.goto(link);
  await tab.page.waitForURL((url) => url.pathname === "/");
  await hydrated(tab.page);
  await tab.page.getByTestId("sample-banner").waitFor();
  assert.notEqual(await figure(tab.page, "net_sales"), "0");
  const [head, day] = server.run("table", "funnel", "--tenant", "demo", "--format", "csv", "--limit", "1").trim().split("\n");
  const sessions = Number(day?.split(",")[head.split(",").indexOf("sessions")]);
  assert.ok(sessions > 0, `the funnel has visits: ${head} / ${day}`);
  await tab.close();
  assert.equal((await fetch(link, { redirect: "manual" })).status, 404);
});
