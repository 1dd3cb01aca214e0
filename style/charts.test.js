import assert from "node:assert/strict";
import { test } from "node:test";
import { finish, resolveColours, tickKey, tipText } from "../public/js/charts.js";

test("colours are put in, at any depth", () => {
  const got = resolveColours({ a: ["var(--line)", { b: "var(--text)" }], c: "plain", d: 3, e: null }, (name) => `<${name}>`);
  assert.deepEqual(got, { a: ["<--line>", { b: "<--text>" }], c: "plain", d: 3, e: null });
});

test("ticks are named as the server names them", () => {
  assert.deepEqual([0, -0, 0.25, 1000, 0.1 + 0.2, -2.5].map(tickKey), ["0", "0", "0.25", "1000", "0.3", "-2.5"]);
});

test("a tooltip says title, value, comparison, difference", () => {
  const text = tipText({
    title: "3 Mar 2026",
    rows: [
      { name: "Net sales", value: "€12.00", colour: 1, dashed: false },
      { name: "Before", value: "€10.00", colour: 1, dashed: true },
    ],
    change: "+20.0%",
  });
  assert.equal(tipText({ title: "{x|a}", rows: [] }), "{t| x a }\n");
  assert.match(text, /3 Mar 2026.*\n.*€12\.00.*\n.*€10\.00.*\n.*\+20\.0%/s);
});

test("the option gets formatters that are functions of ours, and no string of code", () => {
  const live = {
    option: { xAxis: { data: ["a"] }, yAxis: { min: 0, axisLabel: { formatter: "@tick" } }, series: [] },
    ticks: { 1000: "€1k" },
    tips: [{ title: "a", rows: [] }],
    rtl: false,
  };
  const option = finish(live, (name) => name, "sans");
  assert.equal(option.yAxis.axisLabel.formatter(1000), "€1k");
  assert.equal(option.yAxis.axisLabel.formatter(5), "");
  assert.equal(option.tooltip.formatter([{ dataIndex: 0 }]), "{t|a}\n");
  assert.equal(option.tooltip.renderMode, "richText");
});
