// <chart-view>: lets the chart library take over a chart the server has drawn.
//
// The server's option names colours as "var(--series-1)" and formatters as "@tick"; both are put in
// here. All texts come formatted from the server. Only `.chart-live` is touched: the rest of the
// element belongs to the page's own rendering.
//
// Sends `chart-select` with {series, index} when a mark is chosen.

const LIBRARY = "/js/echarts.min.js";

let library;
const load = () => (library ??= import(LIBRARY));

/** Replaces every "var(--name)" by the colour it has now. */
export function resolveColours(value, colourOf) {
  if (typeof value === "string") {
    const name = /^var\((--[\w-]+)\)$/.exec(value)?.[1];
    return name ? colourOf(name) : value;
  }
  if (Array.isArray(value)) return value.map((item) => resolveColours(item, colourOf));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveColours(item, colourOf)]));
  }
  return value;
}

/** A value as the server wrote it as a key: at most six decimals, no trailing zeros. */
export function tickKey(value) {
  const text = value.toFixed(6).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

/** Names come from merchants' files: braces and bars would be read as markup of rich text. */
const plain = (text) => text.replace(/[{}|]/g, " ");

/** Rich text of one tooltip: title, a line each, the change. */
export function tipText(tip) {
  const lines = tip.rows.map((row) => `{${row.dashed ? "d" : "m"}${row.colour}|${row.dashed ? "┅" : "━"}} {n|${plain(row.name)}}  {v|${row.value}}`);
  const change = tip.change ? `\n{c|${tip.change}}` : "";
  return `{t|${plain(tip.title)}}\n${lines.join("\n")}${change}`;
}

/** The first series plain, the others striped one way and the other, as the server draws them. */
function decals(color) {
  const stripes = (rotation) => ({ symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [1, 5], rotation, color });
  return [{ symbol: "none" }, stripes(Math.PI / 4), stripes(0), stripes(-Math.PI / 4)];
}

/** The option of the library, from what the server sent. */
export function finish(live, colourOf, font) {
  const option = resolveColours(live.option, colourOf);
  const one = (axis) => (Array.isArray(axis) ? axis[0] : axis);
  const text = { fontFamily: font, fontSize: 11 };

  option.animation = false;
  // The room for labels is ours: the library's own guess squeezes a narrow chart to nothing.
  for (const grid of [option.grid].flat()) if (grid) grid.outerBoundsMode = "none";
  option.textStyle = { fontFamily: font };
  const x = one(option.xAxis);
  x.axisLabel = { ...x.axisLabel, ...text, hideOverlap: true, margin: 12 };
  x.axisPointer = { label: { show: false } };
  const y = one(option.yAxis);
  y.axisLabel = {
    ...y.axisLabel,
    ...text,
    margin: y.axisLabel?.distance ?? 40,
    align: live.rtl ? "right" : "left",
    formatter: (value) => live.ticks[tickKey(value)] ?? "",
  };

  const rich = {
    t: { fontSize: 12, fontWeight: 600, color: colourOf("--text"), padding: [0, 0, 4, 0], align: live.rtl ? "right" : "left" },
    n: { fontSize: 12, color: colourOf("--muted") },
    v: { fontSize: 12, fontWeight: 600, color: colourOf("--text") },
    c: { fontSize: 12, color: colourOf("--muted"), padding: [4, 0, 0, 0] },
  };
  for (let n = 1; n <= 8; n += 1) {
    rich[`m${n}`] = { color: colourOf(`--series-${n}`), fontSize: 12 };
    rich[`d${n}`] = rich[`m${n}`];
  }
  option.tooltip = {
    ...option.tooltip,
    renderMode: "richText",
    confine: true,
    transitionDuration: 0,
    backgroundColor: colourOf("--raised"),
    borderColor: colourOf("--line"),
    borderWidth: 1,
    padding: [8, 12],
    textStyle: { fontFamily: font, fontSize: 12, lineHeight: 18, color: colourOf("--text"), rich },
    axisPointer: {
      ...option.tooltip?.axisPointer,
      lineStyle: { color: colourOf("--line-strong"), width: 1, type: "solid" },
      shadowStyle: { color: colourOf("--text"), opacity: 0.05 },
    },
    formatter: (points) => {
      const tip = live.tips[(Array.isArray(points) ? points[0] : points)?.dataIndex];
      return tip ? tipText(tip) : "";
    },
  };
  // Patterns need the aria component; its own words are not wanted, the page has better ones.
  const hasDecal = option.aria?.decal?.show === true;
  option.aria = { enabled: hasDecal, label: { enabled: false }, decal: { show: hasDecal, decals: decals(colourOf("--surface")) } };
  return option;
}

if (typeof HTMLElement !== "undefined") {
  class ChartView extends HTMLElement {
    static observedAttributes = ["data-option"];

    #chart;
    #live;
    #resize;
    #seen;
    #theme;
    #scheme;
    #cursor = -1;

    connectedCallback() {
      this.#seen = new IntersectionObserver((entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          this.#seen.disconnect();
          this.#draw();
        }
      }, { rootMargin: "200px" });
      this.#seen.observe(this);
      this.#theme = new MutationObserver(() => this.#draw());
      this.#theme.observe(document.documentElement, { attributeFilter: ["data-theme", "lang", "dir"] });
      this.#scheme = matchMedia("(prefers-color-scheme: dark)");
      this.#scheme.addEventListener("change", this.#redraw);
      this.addEventListener("click", this.#click);
      this.addEventListener("keydown", this.#key);
    }

    disconnectedCallback() {
      this.#seen?.disconnect();
      this.#theme?.disconnect();
      this.#resize?.disconnect();
      this.#scheme?.removeEventListener("change", this.#redraw);
      this.removeEventListener("click", this.#click);
      this.removeEventListener("keydown", this.#key);
      this.#chart?.dispose();
      this.#chart = undefined;
    }

    attributeChangedCallback() {
      if (this.#chart) this.#draw();
    }

    #redraw = () => this.#draw();

    async #draw() {
      const text = this.dataset.option;
      const place = this.querySelector(":scope > .chart-live");
      if (!text || !place) {
        delete this.dataset.live;
        return;
      }
      let init;
      try {
        ({ init } = await load());
      } catch {
        return; // The server's drawing stays.
      }
      if (!this.isConnected || this.dataset.option !== text) return;
      this.dataset.live = "";
      // Colours are asked of an element: a variable by itself is not yet the colour of this theme.
      const probe = document.createElement("i");
      // Under "reduce motion" a colour would be the one before, for the shortest of transitions.
      probe.style.setProperty("transition", "none", "important");
      place.append(probe);
      const colourOf = (name) => {
        probe.style.color = `var(${name})`;
        return getComputedStyle(probe).color;
      };
      this.#live = JSON.parse(text);
      const option = finish(this.#live, colourOf, getComputedStyle(this).fontFamily);
      probe.remove();

      if (!this.#chart) {
        this.#chart = init(place, null, { renderer: "canvas" });
        this.#chart.getZr().on("click", this.#choose);
        this.#resize = new ResizeObserver(() => this.#chart?.resize());
        this.#resize.observe(place);
        this.tabIndex = 0;
        this.setAttribute("role", "group");
      }
      this.#chart.setOption(option, { notMerge: true });
    }

    /** A click anywhere over a label chooses it; the series is the one under the pointer, or the first. */
    #choose = (event) => {
      const at = [event.offsetX, event.offsetY];
      if (!this.#chart.containPixel("grid", at)) return;
      const index = this.#chart.convertFromPixel({ xAxisIndex: 0 }, event.offsetX);
      const drawn = event.target?.parent?.__ecComponentInfo?.index ?? 0;
      this.#select(this.#live.drawn[drawn] ?? 0, index);
    };

    #select(series, index) {
      if (!(index >= 0 && index < this.#live.tips.length)) return;
      this.dispatchEvent(new CustomEvent("chart-select", { bubbles: true, detail: { series, index } }));
    }

    #click = (event) => {
      if (event.target.closest?.('[data-action="download"]') && this.#chart) {
        const link = document.createElement("a");
        link.download = `${this.dataset.name || "chart"}.png`;
        link.href = this.#chart.getDataURL({
          type: "png",
          pixelRatio: 2,
          backgroundColor: getComputedStyle(document.documentElement).backgroundColor,
        });
        link.click();
      }
    };

    /** Arrows walk along the labels, Enter chooses, Esc leaves. */
    #key = (event) => {
      if (!this.#chart || event.target !== this) return;
      const last = this.#live.tips.length - 1;
      const forward = this.#live.rtl ? "ArrowLeft" : "ArrowRight";
      const back = this.#live.rtl ? "ArrowRight" : "ArrowLeft";
      if (event.key === forward) this.#cursor = Math.min(this.#cursor + 1, last);
      else if (event.key === back) this.#cursor = Math.max(this.#cursor - 1, 0);
      else if (event.key === "Home") this.#cursor = 0;
      else if (event.key === "End") this.#cursor = last;
      else if (event.key === "Enter" && this.#cursor >= 0) return this.#select(0, this.#cursor);
      else if (event.key === "Escape") {
        this.#cursor = -1;
        this.#chart.dispatchAction({ type: "hideTip" });
        return;
      } else return;
      event.preventDefault();
      this.#chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: this.#cursor });
    };
  }

  customElements.define("chart-view", ChartView);
}
