// Draws each [data-chart] from the data block beside it; colours come from the style sheets, so both themes fit.
(() => {
  const PALETTE_SIZE = 6;
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--zx-${name}`).trim();
  const grouped = (value, unit) => (value == null ? "—" : `${value.toLocaleString("zh-CN")}${unit ? ` ${unit}` : ""}`);

  function seriesOf(data, one, place) {
    const shade = colour(one.tone || `chart-${(place % PALETTE_SIZE) + 1}`);
    const goal = { silent: true, symbol: "none", lineStyle: { color: colour("ink-soft"), type: "dashed" } };
    const mark = { ...goal, label: { formatter: data.goalLabel || "{c}", color: colour("ink-soft"), position: data.horizontal ? "start" : "end", fontSize: 13, distance: 6 } };
    return {
      name: one.name,
      type: data.kind === "line" ? "line" : "bar",
      stack: data.kind === "stacked" ? "all" : undefined,
      data: one.values,
      color: shade,
      barMaxWidth: 28,
      symbol: "circle",
      symbolSize: 7,
      lineStyle: { width: 2.5, type: one.tone === "quiet" ? "dashed" : "solid" },
      itemStyle: { borderColor: data.kind === "stacked" ? colour("surface") : "transparent", borderWidth: data.kind === "stacked" ? 1 : 0, borderRadius: data.kind === "bar" ? 3 : 0 },
      emphasis: { focus: "none" },
      cursor: data.links.length ? "pointer" : "default",
      markLine: place === 0 && data.goal != null ? { ...mark, data: [data.horizontal ? { xAxis: data.goal } : { yAxis: data.goal }] } : undefined,
    };
  }

  function optionOf(data) {
    const text = { color: colour("muted"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
    const names = {
      type: "category",
      data: data.labels,
      inverse: data.horizontal,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("line") } },
      axisLabel: { ...text, hideOverlap: true },
    };
    const values = {
      type: "value",
      axisLabel: { ...text, formatter: (value) => value.toLocaleString("zh-CN") },
      splitLine: { lineStyle: { color: colour("line") } },
    };
    return {
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 400,
      aria: { enabled: true, decal: { show: false } },
      textStyle: text,
      grid: { left: 4, right: 16, top: data.series.length > 1 ? 44 : data.goal == null ? 16 : 28, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      legend: { show: data.series.length > 1, top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, textStyle: { ...text, color: colour("ink-soft") } },
      tooltip: {
        trigger: "axis",
        renderMode: "richText", // the HTML tooltip writes style attributes, which our content security policy forbids
        axisPointer: { type: data.kind === "line" ? "line" : "shadow", shadowStyle: { color: colour("quiet-soft"), opacity: 0.5 } },
        backgroundColor: colour("surface"),
        borderColor: colour("line"),
        textStyle: { ...text, color: colour("ink") },
        valueFormatter: (value) => grouped(value, data.unit),
      },
      xAxis: data.horizontal ? values : names,
      yAxis: data.horizontal ? names : values,
      series: data.series.map((one, place) => seriesOf(data, one, place)),
    };
  }

  function draw(place) {
    if (drawn.has(place)) return;
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption(optionOf(data));
    chart.on("click", (event) => {
      const link = data.links[event.dataIndex];
      if (link) window.location.assign(link);
    });
    drawn.set(place, { chart, data });
    new ResizeObserver(() => chart.resize()).observe(place);
  }

  function drawAll(root) {
    for (const [place, { chart }] of drawn) {
      if (place.isConnected) continue;
      chart.dispose();
      drawn.delete(place);
    }
    for (const place of root.querySelectorAll("[data-chart]")) draw(place);
  }

  document.addEventListener("zhixing:theme", () => {
    for (const { chart, data } of drawn.values()) chart.setOption(optionOf(data), { notMerge: true });
  });
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  drawAll(document);
})();
