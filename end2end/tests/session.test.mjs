import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hydrated, launch, open } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { password, signIn, signUp } from "../support/shop.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("sign up, sign out, sign in", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  const email = await signUp(page);
  assert.equal(await page.getByTestId("tenant-name").first().textContent(), "Corner Shop");
  const signOut = async () => {
    const button = page.getByTestId("sign-out");
    if (!(await button.isVisible())) await page.locator("[popovertarget=user-menu]").click();
    await button.click();
    await page.waitForURL("**/sign-in");
  };
  await signOut();
  await page.goto("/");
  await page.waitForURL(/\/sign-in/);
  await signIn(page, email);
  await page.waitForURL((url) => url.pathname === "/");
  await tab.close();
});

test("a wrong password says no more than that", async () => {
  const tab = await open(browser, server.url);
  const { page, problems } = tab;
  // Chromium logs every answer of 4xx.
  problems.allowed.push(/status of 4\d\d/);
  await signIn(page, "nobody@corner-shop.example", "wrong-horse-battery-staple");
  // The place for it is there, empty, before the answer is.
  const said = page.locator("[role=alert]").filter({ hasText: /\S/ }).first();
  const unknown = await said.textContent();
  await signIn(page, "owner@corner-shop.example", "wrong-horse-battery-staple");
  const known = await said.textContent();
  assert.equal(known, unknown);
  assert.equal(await page.inputValue("[name=email]"), "owner@corner-shop.example", "what was typed stays");
  await tab.close();
});

test("the first administrator's link works once", async () => {
  const fresh = await startServer();
  try {
    const link = fresh.link("/sign-up\\?token=");
    assert.ok(link, fresh.log());
    const tab = await open(browser, fresh.url);
    await tab.page.goto(link);
    await hydrated(tab.page);
    assert.equal(new URL(link).searchParams.get("token"), await tab.page.inputValue("[name=token]"));
    await tab.page.fill("[name=shop]", "First");
    await tab.page.fill("[name=name]", "Ada");
    await tab.page.fill("[name=email]", "ada@first.example");
    await tab.page.fill("[name=password]", password);
    await tab.page.getByTestId("sign-up").click();
    await tab.page.waitForURL((url) => url.pathname === "/");
    await tab.close();
    // A second time it says so, with scripts and by the plain form.
    for (const scripts of [true, false]) {
      const again = await open(browser, fresh.url, { scripts });
      again.problems.allowed.push(/status of 4\d\d/);
      await again.page.goto(link);
      if (scripts) await hydrated(again.page);
      await again.page.fill("[name=shop]", "Second");
      await again.page.fill("[name=name]", "Eve");
      await again.page.fill("[name=email]", "eve@second.example");
      await again.page.fill("[name=password]", password);
      await again.page.getByTestId("sign-up").click();
      await again.page.locator("[role=alert]").filter({ hasText: "This link was used already" }).waitFor();
      await again.close();
    }
  } finally {
    await fresh.stop();
  }
});

test("without scripts: sign up, look, and sign out by plain forms", async () => {
  const tab = await open(browser, server.url, { scripts: false });
  const { page } = tab;
  await page.goto("/sign-up");
  await page.fill("[name=shop]", "Plain");
  await page.fill("[name=name]", "Ada");
  await page.fill("[name=email]", "ada@plain.example");
  await page.fill("[name=password]", password);
  await page.getByTestId("sign-up").click();
  await page.waitForURL((url) => url.pathname === "/");
  assert.ok(await page.getByTestId("no-data").isVisible());
  await page.locator("[popovertarget=user-menu]").click();
  await page.getByTestId("sign-out").click();
  await page.waitForURL("**/sign-in");
  await page.goto("/");
  await page.waitForURL(/\/sign-in\?next=/);
  await tab.close();
});

test("a page asked for without a session comes after sign-in", async () => {
  const tab = await open(browser, server.url);
  const { page } = tab;
  await page.goto("/uploads?state=done");
  await page.waitForURL(/\/sign-in\?next=/);
  await hydrated(page);
  await page.fill("[name=email]", "owner@corner-shop.example");
  await page.fill("[name=password]", password);
  await page.getByTestId("sign-in").click();
  await page.waitForURL((url) => url.pathname === "/uploads" && url.search === "?state=done");
  await tab.close();
});

test("a live connection ends within seconds of its session", async () => {
  const tab = await open(browser, server.url);
  const { page, problems } = tab;
  problems.allowed.push(/WebSocket|status of 401/);
  const email = await signUp(page, "Revoked");
  await page.evaluate(() => {
    const socket = new WebSocket(`ws://${location.host}/live`);
    socket.addEventListener("close", (event) => (globalThis.closedWith = event.code));
    return new Promise((resolve) => socket.addEventListener("open", resolve));
  });
  // Ends all sessions of the user.
  server.runWith("another-horse-battery-staple-43\n", "user", "set-password", "--email", email);
  await page.waitForFunction(() => globalThis.closedWith === 4401, null, { timeout: 6_000 });
  await tab.close();
});

test("the server ends in time with pages open, and tells them to come back", async () => {
  const own = await startServer();
  const tab = await open(browser, own.url);
  tab.problems.allowed.push(/WebSocket|Failed to load resource|net::ERR/);
  await signUp(tab.page, "Ending");
  await tab.page.evaluate(() => {
    const socket = new WebSocket(`ws://${location.host}/live`);
    socket.addEventListener("close", (event) => (globalThis.closedWith = event.code));
    return new Promise((resolve) => socket.addEventListener("open", resolve));
  });
  const begun = Date.now();
  await own.stop();
  assert.ok(Date.now() - begun < 5_000, `${Date.now() - begun} ms`);
  await tab.page.waitForFunction(() => globalThis.closedWith === 1001);
  await tab.close();
});
