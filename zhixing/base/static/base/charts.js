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

  // Points with their ranges: an unseen bar up to the lower end, a thin one from there to the upper end, and lines without a line.
  function rangesOf(data) {
    const line = { symbol: "none", silent: true, lineStyle: { color: colour("ink-soft"), type: "dashed" }, data: [{ xAxis: data.goal }] };
    const label = { formatter: data.goalLabel || "{c}", color: colour("ink-soft"), position: "end", fontSize: 13, distance: 6 };
    const range = { type: "bar", stack: "range", stackStrategy: "all", silent: true, barWidth: 4, emphasis: { disabled: true } };
    const points = data.series.map((one, place) => {
      const shade = colour(one.tone || `chart-${place + 1}`);
      const hollow = place > 0;
      return {
        name: one.name,
        type: "line",
        data: one.values,
        color: shade,
        lineStyle: { width: 0 },
        symbol: "circle",
        symbolSize: hollow ? 7 : 9,
        itemStyle: hollow ? { color: colour("surface"), borderColor: shade, borderWidth: 1.5 } : {},
        cursor: data.links.length ? "pointer" : "default",
        z: 4 - place,
        markLine: place === 0 && data.goal != null ? { ...line, label } : undefined,
      };
    });
    return [
      { ...range, name: " ", data: data.intervals.map(([low]) => low), itemStyle: { color: "transparent" } },
      { ...range, name: data.intervalLabel, data: data.intervals.map(([low, high]) => high - low), itemStyle: { color: colour("chart-1"), opacity: 0.4, borderRadius: 2 } },
      ...points,
    ];
  }

  function endsOf(data) {
    const all = [...data.intervals.flat(), ...data.series.flatMap((one) => one.values), data.goal].filter((value) => value != null);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const wide = high - low || 1;
    const step = wide > 10 ? 5 : 10 ** Math.floor(Math.log10(wide));
    const at = (steps) => Number((steps * step).toPrecision(12));
    return { min: at(Math.floor(low / step)), max: at(Math.ceil(high / step)) };
  }

  function told(data, place) {
    const [low, high] = data.intervals[place].map((value) => grouped(value, ""));
    return [data.labels[place], ...data.series.map((one) => `${one.name} ${grouped(one.values[place], data.unit)}`), `${data.intervalLabel} ${low}–${high}`].join("\n");
  }

  // Points by two figures, with lines at the means that part the field in four.
  function pointsOf(data, text) {
    const [across, up] = data.series;
    const places = data.labels.map((label, place) => ({ name: label, value: [across.values[place], up.values[place]] }));
    const mean = (one) => one.values.reduce((sum, value) => sum + value, 0) / one.values.length;
    const axis = (one, gap) => ({
      type: "value",
      scale: true,
      name: one.name,
      nameLocation: "middle",
      nameGap: gap,
      nameTextStyle: text,
      axisLabel: text,
      splitLine: { lineStyle: { color: colour("line") } },
    });
    return {
      animation: false,
      aria: { enabled: true, decal: { show: false } },
      textStyle: text,
      grid: { left: 48, right: 24, top: 16, bottom: 44 },
      tooltip: {
        trigger: "item",
        renderMode: "richText",
        backgroundColor: colour("surface"),
        borderColor: colour("line"),
        textStyle: { ...text, color: colour("ink") },
        formatter: ({ name, value }) => (name && Array.isArray(value) ? `${name}\n${across.name} ${value[0]}\n${up.name} ${value[1]}` : ""),
      },
      xAxis: axis(across, 28),
      yAxis: axis(up, 32),
      series: [
        {
          type: "scatter",
          data: places,
          symbolSize: 11,
          color: colour("chart-1"),
          itemStyle: { opacity: 0.85 },
          cursor: data.links.length ? "pointer" : "default",
          label: { show: true, position: "right", formatter: "{b}", color: colour("ink-soft"), fontSize: 12 },
          labelLayout: { hideOverlap: true },
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: colour("ink-soft"), type: "dashed" },
            data: [{ xAxis: mean(across) }, { yAxis: mean(up) }],
          },
        },
      ],
    };
  }

  function optionOf(data, wide) {
    const text = { color: colour("muted"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
    if (data.kind === "scatter") return pointsOf(data, text);
    const names = {
      type: "category",
      data: data.labels,
      inverse: data.horizontal,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("line") } },
      axisLabel: { ...text, hideOverlap: true },
    };
    const ranges = data.kind === "interval";
    if (ranges) Object.assign(names.axisLabel, { interval: 0, width: Math.min(260, Math.round(wide * 0.36)), overflow: "truncate" });
    const values = {
      type: "value",
      axisLabel: { ...text, formatter: (value) => value.toLocaleString("zh-CN") },
      splitLine: { lineStyle: { color: colour("line") } },
      ...(ranges ? { ...endsOf(data), position: "top" } : {}),
    };
    return {
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 400,
      aria: { enabled: true, decal: { show: false } },
      textStyle: text,
      grid: { left: 4, right: 16, top: data.series.length > 1 ? 44 : data.goal == null || ranges ? 16 : 28, bottom: ranges && data.goal != null ? 24 : 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      legend: { show: data.series.length > 1, data: data.series.map((one) => one.name), top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, textStyle: { ...text, color: colour("ink-soft") } },
      tooltip: {
        trigger: "axis",
        renderMode: "richText", // the HTML tooltip writes style attributes, which our content security policy forbids
        axisPointer: { type: data.kind === "line" ? "line" : "shadow", shadowStyle: { color: colour("quiet-soft"), opacity: 0.5 } },
        backgroundColor: colour("surface"),
        borderColor: colour("line"),
        textStyle: { ...text, color: colour("ink") },
        valueFormatter: (value) => grouped(value, data.unit),
        formatter: ranges ? ([first]) => told(data, first.dataIndex) : undefined,
      },
      xAxis: data.horizontal ? values : names,
      yAxis: data.horizontal ? names : values,
      series: ranges ? rangesOf(data) : data.series.map((one, place) => seriesOf(data, one, place)),
    };
  }

  function draw(place) {
    if (drawn.has(place)) return;
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    if (data.kind === "interval") place.style.height = `${data.labels.length * 1.5 + (data.goal == null ? 5 : 6.5)}rem`;
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption(optionOf(data, place.clientWidth));
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
    for (const [place, { chart, data }] of drawn) chart.setOption(optionOf(data, place.clientWidth), { notMerge: true });
  });
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  drawAll(document);
})();
