// Runs before the first paint: the person's choice, else the system's, becomes an attribute that the style sheets read.
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => {
    document.documentElement.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("zhixing:theme", { detail: { theme } }));
  };
  const apply = () => {
    const chosen = localStorage.getItem("zhixing-theme");
    show(chosen === "dark" || chosen === "light" ? chosen : system.matches ? "dark" : "light");
  };
  window.zhixingTheme = {
    now: () => document.documentElement.dataset.bsTheme,
    choose(theme) {
      localStorage.setItem("zhixing-theme", theme);
      apply();
    },
  };
  system.addEventListener("change", apply);
  window.addEventListener("beforeprint", () => show("light")); // charts are drawn again in the colours for paper
  window.addEventListener("afterprint", apply);
  apply();
})();
