// One shop with an upload in each state that a page can show: what pictures and accessibility are checked on.
import { ambiguousDates, onlineRetail, save } from "./files.mjs";
import { choose, importFile, inState, signUp } from "./shop.mjs";

/**
 * Signs a shop up in `page` and fills it.
 * @returns the paths of its uploads' pages, by state
 */
export async function uploadsInAllStates(page, folder, shop) {
  const at = () => new URL(page.url()).pathname;
  const paths = {};
  await signUp(page, shop);

  const bad = ["one", "two", "one"].map((quantity, n) => `${800000 + n},85001,CUP,${quantity},2011-02-03 10:00:00,1.00,12001,France`);
  await importFile(page, save(folder, "orders.csv", `${onlineRetail()}${bad.join("\n")}\n`));
  paths.done = at();
  paths.mending = `${at()}/records`;
  paths.record = `${at()}/records/1`;

  await importFile(page, save(folder, "november.csv", onlineRetail(60, 8)));
  await page.getByTestId("change-undo").click();
  await inState(page, "undone");
  paths.undone = at();

  await choose(page, save(folder, "with-more-orders.csv", onlineRetail(150, 9)));
  await inState(page, "ready");
  paths.ready = at();

  await choose(page, save(folder, "ambiguous.csv", ambiguousDates()));
  await inState(page, "question");
  paths.question = at();

  await choose(page, save(folder, "unnamed.csv", "c1;c2;c3\n2026-03-04;2;4,50\n2026-03-05;1;3,25\n"));
  await inState(page, "question");
  paths.mapping = at();

  await choose(page, save(folder, "dollars.csv", "Order ID,Order Date,SKU,Quantity,Unit Price\n1,2026-02-10,S1,1,$5.00\n2,2026-02-11,S2,2,$1.00\n"));
  await inState(page, "question");
  paths.currency = at();

  // Nobody sold online in 1981: a critical rule holds it back.
  await choose(page, save(folder, "misread-years.csv", onlineRetail(50, 10).replaceAll(",2011-", ",1981-")));
  await inState(page, "ready");
  await page.getByTestId("start").click();
  await inState(page, "held");
  paths.held = at();

  await choose(page, save(folder, "letter.txt", "Dear customer,\n\nthank you for your order.\n"));
  await inState(page, "failed");
  paths.failed = at();

  const apart = [save(folder, "till.csv", onlineRetail(20, 6)), save(folder, "stock.csv", "sku,location,on hand\nM1,Lima,7\n")];
  await choose(page, apart);
  await inState(page, "split");
  paths.split = at();
  return paths;
}
