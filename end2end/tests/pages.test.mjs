// Every page: accessible, in both themes, from left and from right, and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, hydrated, launch, open } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";
import { uploadsInAllStates } from "../support/states.mjs";

let server;
let browser;
let state;
let uploads;
const anonymous = ["/sign-in", "/sign-up"];
const signedIn = () => ["/", "/uploads", "/uploads/new", ...Object.values(uploads), "/quality", "/sources", "/tables", "/lineage", "/lineage/lines", "/dev/ui", "/nothing-here"];

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  const tab = await open(browser, server.url);
  uploads = await uploadsInAllStates(tab.page, server.dir, "Every Page");
  state = await tab.context.storageState();
  await tab.close();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(path, language, theme, device = {}) {
  const tab = await open(browser, server.url, { language, ...device });
  const cookies = anonymous.includes(path) ? [] : state.cookies;
  await tab.context.addCookies([
    ...cookies,
    { name: "lang", value: language, url: server.url },
    { name: "theme", value: theme, url: server.url },
  ]);
  if (path === "/nothing-here") tab.problems.allowed.push(/404/);
  await tab.page.goto(path);
  await hydrated(tab.page);
  return tab;
}

for (const language of ["en", "ar"]) {
  for (const theme of ["light", "dark"]) {
    test(`accessible: ${language}, ${theme}`, async (t) => {
      for (const path of [...anonymous, ...signedIn()]) {
        await t.test(path, async () => {
          const tab = await visit(path, language, theme);
          const html = tab.page.locator("html");
          assert.equal(await html.getAttribute("lang"), language);
          assert.equal((await html.getAttribute("dir")) ?? "ltr", language === "ar" ? "rtl" : "ltr");
          assert.equal(await html.getAttribute("data-theme"), theme);
          assert.deepEqual(await axe(tab.page), []);
          await tab.close();
        });
      }
    });
  }
}

test("no page scrolls sideways on a phone", async (t) => {
  for (const language of ["en", "ar"]) {
    for (const path of [...anonymous, ...signedIn()]) {
      await t.test(`${path} ${language}`, async () => {
        const tab = await visit(path, language, "light", { phone: true });
        const { wide, view, widest } = await tab.page.evaluate(() => {
          const view = document.documentElement.clientWidth;
          const widest = [...document.body.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > view + 1 && getComputedStyle(e).position !== "fixed")
            .map((e) => e.outerHTML.slice(0, 120))
            .slice(0, 3);
          return { wide: document.documentElement.scrollWidth, view, widest };
        });
        assert.ok(wide <= view, `${wide} px in a view of ${view} px: ${widest}`);
        await tab.close();
      });
    }
  }
});

test("all four languages say something different", async () => {
  const titles = new Set();
  for (const language of ["en", "zh", "es", "ar"]) {
    const tab = await visit("/sign-in", language, "light");
    titles.add(await tab.page.locator("h1").textContent());
    await tab.close();
  }
  assert.equal(titles.size, 4, [...titles].join(", "));
});

test("the keyboard reaches the content first, and everything after", async () => {
  const tab = await visit("/", "en", "light");
  await tab.page.keyboard.press("Tab");
  const first = await tab.page.evaluate(() => document.activeElement?.getAttribute("href"));
  assert.match(first ?? "", /^#/, "the first stop skips the navigation");
  await tab.close();
});
