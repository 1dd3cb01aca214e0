// Pictures of the pages: the README's into docs/images, all into end2end/out.
//   node screenshots.mjs [NAME...]   only these pages, by the names of their files (dashboard, upload-held, ...)
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hydrated, launch, open, out } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";
import { uploadsInAllStates } from "./support/states.mjs";

const docs = join(import.meta.dirname, "..", "docs", "images");
mkdirSync(docs, { recursive: true });
const wanted = process.argv.slice(2);
const looks = [
  { language: "en", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "ar", theme: "light" },
  { language: "en", theme: "light", phone: true },
  { language: "ar", theme: "dark", phone: true },
];

const [server, browser] = await Promise.all([startServer({ demo: true }), launch()]);
try {
  const demo = await open(browser, server.url);
  await demo.page.goto(server.link("/demo\\?token="));
  await demo.page.waitForURL((url) => url.pathname === "/");
  const sample = (await demo.context.storageState()).cookies;
  await demo.close();
  const owner = await open(browser, server.url);
  const uploads = await uploadsInAllStates(owner.page, server.dir, "Corner Shop");
  const shop = (await owner.context.storageState()).cookies;
  await owner.close();

  const narrow = { name: "sidebar", value: "narrow", url: server.url };
  const pages = [
    { name: "dashboard", path: "/", cookies: sample },
    { name: "narrow", path: "/", cookies: [...sample, narrow] },
    { name: "palette", path: "/uploads", cookies: shop, press: "ControlOrMeta+k", shows: "#palette[open]" },
    { name: "shortcuts", path: "/uploads", cookies: shop, press: "Shift+?", shows: "#shortcuts[open]" },
    { name: "uploads", path: "/uploads", cookies: shop },
    { name: "upload-new", path: "/uploads/new", cookies: shop },
    ...Object.entries(uploads).map(([state, path]) => ({ name: `upload-${state}`, path, cookies: shop })),
    { name: "quality", path: "/quality", cookies: shop },
    { name: "lineage", path: "/lineage?metric=net_sales&period=all", cookies: shop },
    { name: "lines", path: "/lineage/lines?metric=net_sales", cookies: sample },
    { name: "tables", path: "/tables?table=customer_features", cookies: sample },
    { name: "tables-empty", path: "/tables?table=inventory", cookies: shop },
    { name: "sources", path: "/sources", cookies: shop },
    { name: "sign-in", path: "/sign-in", cookies: [] },
    { name: "sign-up", path: "/sign-up", cookies: [] },
    { name: "components", path: "/dev/ui", cookies: sample },
  ].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  for (const { language, theme, phone = false } of looks) {
    for (const { name, path, cookies, press, shows } of pages) {
      const tab = await open(browser, server.url, { language, phone, dark: theme === "dark" });
      await tab.context.addCookies([
        ...cookies,
        { name: "lang", value: language, url: server.url },
        { name: "theme", value: theme, url: server.url },
      ]);
      await tab.page.goto(path);
      await hydrated(tab.page);
      if (press) {
        await tab.page.keyboard.press(press);
        await tab.page.waitForSelector(shows);
      }
      // Charts draw themselves once the library has come.
      await tab.page.waitForTimeout(800);
      const file = `${name}-${language}-${theme}${phone ? "-phone" : ""}.png`;
      await tab.page.screenshot({ path: join(out, file), fullPage: !press });
      if (name === "dashboard" && language === "en" && theme === "light" && !phone) {
        await tab.page.screenshot({ path: join(docs, "dashboard.png") });
      }
      console.log(file);
      await tab.close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
