// Roll call: find a person on the list, go through it by keys, and show a line anew when someone else was faster.
document.addEventListener("alpine:init", () => {
  window.Alpine.data("rollCall", () => ({
    lines() {
      return Array.from(this.$root.querySelectorAll(".at-line"));
    },
    find(event) {
      const words = event.target.value.trim().toLowerCase().split(/\s+/);
      for (const line of this.lines()) {
        const text = line.dataset.words.toLowerCase();
        line.hidden = !words.every((word) => text.includes(word));
      }
    },
    key(event) {
      const line = event.target.closest(".at-line");
      if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
      const buttons = line.querySelectorAll(".at-status");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const shown = this.lines().filter((one) => !one.hidden);
        const next = shown[shown.indexOf(line) + (event.key === "ArrowDown" ? 1 : -1)];
        next?.querySelector(".at-status")?.focus();
      } else if (/^[1-5]$/.test(event.key) && buttons.length) {
        buttons[Number(event.key) - 1].click();
      } else {
        return;
      }
      event.preventDefault();
    },
  }));
});

// The swap takes the focused button away: put the focus back on the same line.
document.addEventListener("htmx:afterSwap", (event) => {
  const line = event.detail.target;
  if (line.classList.contains("at-line")) document.getElementById(line.id)?.querySelector("[aria-pressed='true']")?.focus();
});

document.addEventListener("htmx:responseError", (event) => {
  const line = event.detail.elt.closest(".at-line");
  if (event.detail.xhr.status !== 409 || !line) return;
  window.htmx.ajax("GET", window.location.href, { target: `#${line.id}`, select: `#${line.id}`, swap: "outerHTML" });
});
