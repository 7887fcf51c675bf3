// A select with a search box (the combobox pattern of WAI-ARIA); the select stays in the form and keeps the value.
// One of several: what is chosen stands above the box, each with a button that takes it out (named by data-remove).
// With data-url the choices come from there: GET ?q=… answers [{"value": …, "label": …}].
(() => {
  const SHOWN_MAX = 50;
  const PAUSE_MS = 250;

  class Picker {
    constructor(select) {
      this.select = select;
      this.label = select.labels[0];
      this.active = -1;
      this.asked = 0;
      this.several = select.multiple;
      this.list = this.makeList();
      this.input = this.makeInput();
      this.place();
      this.input.value = this.chosen();
      this.listen();
      if (this.several) this.showChosen();
    }

    makeList() {
      const list = document.createElement("ul");
      list.className = "zx-picker-list";
      list.id = `${this.select.id}-list`;
      list.hidden = true;
      list.setAttribute("role", "listbox");
      if (this.several) list.setAttribute("aria-multiselectable", "true");
      list.setAttribute("aria-label", this.label?.textContent.trim() || "");
      return list;
    }

    makeInput() {
      const { select } = this;
      const input = document.createElement("input");
      Object.assign(input, { type: "text", className: select.className, autocomplete: "off" });
      input.required = select.required && !this.several; // the box is empty while something is chosen
      input.placeholder = select.dataset.placeholder || "";
      const marks = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list" };
      for (const [name, value] of Object.entries(marks)) input.setAttribute(name, value);
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
      }
      return input;
    }

    place() {
      const { select, input, list, label } = this;
      const frame = document.createElement("div");
      frame.className = "zx-picker";
      input.id = select.id;
      select.id = `${select.id}-select`;
      if (label) label.htmlFor = input.id;
      select.required = false; // a hidden control that is required would block the form without a word
      select.hidden = true;
      select.before(frame);
      frame.append(input, list, select);
      if (!this.several) return;
      this.marks = document.createElement("ul");
      this.marks.className = "zx-picker-chosen";
      frame.before(this.marks);
    }

    showChosen() {
      const items = Array.from(this.select.selectedOptions, (option) => {
        const item = document.createElement("li");
        const out = document.createElement("button");
        const words = option.textContent.trim();
        out.type = "button";
        out.textContent = "×";
        out.setAttribute("aria-label", `${this.select.dataset.remove || ""} ${words}`.trim());
        out.addEventListener("click", () => {
          this.choose(option.value, words);
          this.input.focus();
        });
        item.append(words, out);
        return item;
      });
      this.marks.replaceChildren(...items);
      this.marks.hidden = items.length === 0;
    }

    listen() {
      const { input } = this;
      input.addEventListener("input", () => this.search(input.value.trim()));
      input.addEventListener("focus", () => {
        input.select();
        this.search("");
      });
      input.addEventListener("blur", () => this.leave());
      input.addEventListener("keydown", (event) => this.key(event));
      this.list.addEventListener("mousedown", (event) => {
        event.preventDefault(); // the input keeps the focus
        const item = event.target.closest("li");
        if (item) this.choose(item.dataset.value, item.textContent);
      });
    }

    chosen() {
      if (this.several) return "";
      return this.select.value ? this.select.selectedOptions[0]?.textContent.trim() || "" : "";
    }

    leave() {
      if (!this.several && this.input.value.trim() === "") this.select.value = "";
      this.input.value = this.chosen();
      this.show(false);
    }

    show(open) {
      this.list.hidden = !open;
      this.input.setAttribute("aria-expanded", String(open));
      this.mark(-1);
    }

    mark(place) {
      this.active = place;
      Array.from(this.list.children, (item, index) => item.toggleAttribute("data-active", index === place));
      const item = this.list.children[place];
      if (item) {
        this.input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      } else {
        this.input.removeAttribute("aria-activedescendant");
      }
    }

    choose(value, label) {
      const { select } = this;
      let option = Array.from(select.options).find((one) => one.value === value);
      if (!option) {
        option = new Option(label, value);
        select.add(option);
      }
      option.selected = this.several ? !option.selected : true;
      this.input.value = this.several ? "" : label;
      if (this.several) this.showChosen();
      this.show(false);
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    async search(words) {
      this.asked += 1;
      const mine = this.asked;
      const choices = this.select.dataset.url ? await this.remote(words, mine) : this.local(words);
      if (mine === this.asked && document.activeElement === this.input) this.fill(choices);
    }

    local(words) {
      const all = Array.from(this.select.options, (one) => ({ value: one.value, label: one.textContent.trim() }));
      return all.filter((one) => one.value && one.label.toLowerCase().includes(words.toLowerCase()));
    }

    async remote(words, mine) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (mine !== this.asked) return [];
      const query = new URLSearchParams({ q: words });
      const answer = await fetch(`${this.select.dataset.url}?${query}`, { headers: { Accept: "application/json" } });
      return answer.ok ? answer.json() : [];
    }

    fill(choices) {
      const chosen = new Set(Array.from(this.select.selectedOptions, (one) => one.value));
      const items = choices.slice(0, SHOWN_MAX).map(({ value, label }, place) => {
        const item = document.createElement("li");
        item.id = `${this.list.id}-${place}`;
        item.dataset.value = value;
        item.textContent = label;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(chosen.has(String(value))));
        return item;
      });
      this.list.replaceChildren(...items);
      this.show(items.length > 0);
    }

    key(event) {
      const open = !this.list.hidden;
      const last = this.list.children.length - 1;
      const moves = { ArrowDown: Math.min(this.active + 1, last), ArrowUp: Math.max(this.active - 1, 0) };
      if (event.key in moves) {
        event.preventDefault();
        if (open) this.mark(moves[event.key]);
        else this.search("");
      } else if (event.key === "Enter" && open) {
        event.preventDefault();
        const item = this.list.children[Math.max(this.active, 0)];
        this.choose(item.dataset.value, item.textContent);
      } else if (event.key === "Escape" && open) {
        event.stopPropagation();
        this.leave();
      }
    }
  }

  document.addEventListener("alpine:init", () => {
    window.Alpine.data("picker", () => ({
      init() {
        const select = this.$root.querySelector("select[data-picker]");
        if (select) new Picker(select);
      },
    }));
  });
})();
