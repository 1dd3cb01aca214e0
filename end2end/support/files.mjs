// Small files as shops export them, made from a seed: the same each time.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const countries = ["United Kingdom", "France", "Germany", "Spain"];

/** Rows as the UCI Online Retail file has them, with dates that can be read in one way only. */
export function onlineRetail(orders = 120, seed = 7) {
  const next = random(seed);
  const lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"];
  for (let order = 0; order < orders; order++) {
    const day = 1 + (order % 28);
    const month = 1 + (Math.floor(order / 28) % 12);
    const country = countries[Math.floor(next() * countries.length)];
    for (let line = 0; line <= Math.floor(next() * 4); line++) {
      const product = Math.floor(next() * 40);
      const quantity = 1 + Math.floor(next() * 9);
      const price = (100 + Math.floor(next() * 2000)) / 100;
      lines.push(
        `${536365 + order},${85000 + product},"PRODUCT ${product}, BOXED",${quantity},2011-${two(month)}-${two(day)} 10:${two(order % 60)}:00,${price.toFixed(2)},${12000 + (order % 45)},${country}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Every day is 12 or less: nobody can tell the day from the month. */
export function ambiguousDates(orders = 40) {
  const lines = ["Order,Date,Product,Quantity,Price,Currency,Country"];
  for (let order = 0; order < orders; order++) {
    lines.push(`A-${1000 + order},${two(1 + (order % 12))}/${two(1 + (order % 9))}/2025,Mug,${1 + (order % 3)},${(5 + (order % 4)).toFixed(2)},EUR,France`);
  }
  return `${lines.join("\n")}\n`;
}

export function save(folder, name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const two = (n) => String(n).padStart(2, "0");
