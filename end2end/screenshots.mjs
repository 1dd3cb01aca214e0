// Pictures of the pages, on the sample store: the README's into docs/images, all into end2end/out.
//   node screenshots.mjs [PATH...]   only these pages
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hydrated, launch, open, out } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";

const docs = join(import.meta.dirname, "..", "docs", "images");
mkdirSync(docs, { recursive: true });
const paths = process.argv.length > 2 ? process.argv.slice(2) : ["/", "/uploads", "/uploads/new", "/sign-in", "/sign-up", "/dev/ui"];
const looks = [
  { language: "en", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "ar", theme: "light" },
  { language: "en", theme: "light", phone: true },
  { language: "ar", theme: "dark", phone: true },
];

const [server, browser] = await Promise.all([startServer({ demo: true }), launch()]);
try {
  const entry = await open(browser, server.url);
  await entry.page.goto(server.link("/demo\\?token="));
  await entry.page.waitForURL((url) => url.pathname === "/");
  const { cookies } = await entry.context.storageState();
  await entry.close();

  for (const { language, theme, phone = false } of looks) {
    for (const path of paths) {
      const tab = await open(browser, server.url, { language, phone, dark: theme === "dark" });
      await tab.context.addCookies([
        ...(path.startsWith("/sign-") ? [] : cookies),
        { name: "lang", value: language, url: server.url },
        { name: "theme", value: theme, url: server.url },
      ]);
      await tab.page.goto(path);
      await hydrated(tab.page);
      // Charts draw themselves once the library has come.
      await tab.page.waitForTimeout(800);
      const name = path === "/" ? "dashboard" : path.slice(1).replaceAll("/", "-");
      const file = `${name}-${language}-${theme}${phone ? "-phone" : ""}.png`;
      await tab.page.screenshot({ path: join(out, file), fullPage: true });
      if (path === "/" && language === "en" && theme === "light" && !phone) {
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
