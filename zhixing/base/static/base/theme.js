// Runs before the first paint: the person's choice, else the system's, becomes an attribute that the style sheets read.
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("zhixing-theme");
    const theme = chosen === "dark" || chosen === "light" ? chosen : system.matches ? "dark" : "light";
    document.documentElement.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("zhixing:theme", { detail: { theme } }));
  };
  window.zhixingTheme = {
    now: () => document.documentElement.dataset.bsTheme,
    choose(theme) {
      localStorage.setItem("zhixing-theme", theme);
      apply();
    },
  };
  system.addEventListener("change", apply);
  apply();
})();
