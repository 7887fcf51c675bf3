// Behaviour that every page shares. All of it improves pages that already work without JavaScript.
(() => {
  const toasts = () => document.getElementById("toasts");

  function toast(text) {
    const note = document.createElement("div");
    note.className = "zx-toast";
    note.textContent = text;
    toasts().append(note);
    setTimeout(() => note.remove(), 6000);
  }

  // The question before a deed: one dialog for all pages.
  function ask(question, detail, yes) {
    const dialog = document.getElementById("confirm");
    const text = dialog.querySelector("[data-detail]");
    const button = dialog.querySelector("[data-yes]");
    dialog.querySelector("[data-question]").textContent = question;
    text.textContent = detail || "";
    text.hidden = !detail;
    button.textContent = yes || button.dataset.default;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.confirm || button.dataset.agreed) return;
    event.preventDefault();
    ask(button.dataset.confirm, button.dataset.detail, button.dataset.yes).then((agreed) => {
      if (!agreed) return;
      button.dataset.agreed = "yes";
      event.target.requestSubmit(button);
      delete button.dataset.agreed;
    });
  }, true);

  // Pressed twice, sent once; a page that stays (a file was handed out) or comes back sends again.
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (event.timeStamp - (sent.get(form) ?? -Infinity) < 2000) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const { detail, yes } = event.detail.elt.dataset;
    ask(event.detail.question, detail, yes).then((agreed) => agreed && event.detail.issueRequest(true));
  });

  document.addEventListener("htmx:sendError", () => toast(toasts().dataset.lost));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500) toast(toasts().dataset.broken);
  });

  // Rail on small screens, theme, copy, menus.
  function showRail(open) {
    const rail = document.querySelector("[data-rail]");
    rail.classList.toggle("zx-open", open);
    document.querySelector("[data-rail-close]").hidden = !open;
    const button = document.querySelector("[data-rail-open]");
    button.setAttribute("aria-expanded", String(open));
    (open ? rail.querySelector("a") : button).focus();
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source ? source.textContent.trim() : button.dataset.copyText);
    toast(toasts().dataset.copied);
  }

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("[data-rail-open]")) showRail(true);
    else if (on("[data-rail-close]")) showRail(false);
    else if (on("[data-theme-toggle]")) window.zhixingTheme.choose(window.zhixingTheme.now() === "dark" ? "light" : "dark");
    else if (on("[data-print]")) window.print();
    else if (on("[data-copy], [data-copy-text]")) copy(on("[data-copy], [data-copy-text]"));
    else if (on("[data-open-dialog]")) document.getElementById(on("[data-open-dialog]").dataset.openDialog).showModal();
    for (const menu of document.querySelectorAll("details.zx-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.querySelector("[data-rail].zx-open")) showRail(false);
    for (const menu of document.querySelectorAll("details.zx-menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // A dropped file lands on the file input that lies over the area; here it only gets its name and its colour.
  const dropped = (event, over) => event.target.closest?.("[data-drop]")?.classList.toggle("zx-drop-over", over);
  document.addEventListener("dragenter", (event) => dropped(event, true));
  document.addEventListener("dragleave", (event) => dropped(event, false));
  document.addEventListener("drop", (event) => dropped(event, false));
  document.addEventListener("change", (event) => {
    const area = event.target.closest("[data-drop]");
    if (!area) return;
    const name = area.querySelector("[data-name]");
    name.textContent = Array.from(event.target.files, (file) => file.name).join(", ");
    name.hidden = !name.textContent;
  });

  // A slider whose stops have names says the one it stands on.
  document.addEventListener("input", (event) => {
    const range = event.target;
    if (range.type !== "range" || !range.list) return;
    const label = range.list.options[range.value].label;
    range.setAttribute("aria-valuetext", label);
    for (const output of range.form.querySelectorAll("output")) if (output.htmlFor.contains(range.id)) output.value = label;
  });

  document.addEventListener("alpine:init", () => {
    const { Alpine } = window;

    // Rows of a list that are ticked.
    Alpine.data("selection", () => ({
      count: 0,
      // Bound to the attribute, not shown by a style: a page that htmx brings back from its history may carry no inline style.
      get none() {
        return this.count === 0;
      },
      boxes() {
        return Array.from(this.$root.querySelectorAll("input[name=selected]"));
      },
      one() {
        this.count = this.boxes().filter((box) => box.checked).length;
        const head = this.$root.querySelector("[data-select-all]");
        if (!head) return;
        head.checked = this.count > 0 && this.count === this.boxes().length;
        head.indeterminate = this.count > 0 && !head.checked;
      },
      all(event) {
        for (const box of this.boxes()) box.checked = event.target.checked;
        this.one();
      },
      clear() {
        for (const box of this.boxes()) box.checked = false;
        this.one();
      },
      init() {
        this.$root.addEventListener("htmx:afterSettle", () => this.one());
      },
    }));
  });
})();
