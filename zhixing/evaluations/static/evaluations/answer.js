// The bar that tells how far one is, and a button that cannot be pressed twice. The page works without all of this.
(() => {
  const form = document.querySelector("[data-answer]");
  if (!form) return;
  const box = document.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const count = box.querySelector("[data-count]");
  const asked = Array.from(form.querySelectorAll("[data-required]"));
  const isFilled = (one) => (one.tagName === "TEXTAREA" ? one.value.trim() !== "" : one.querySelector("input:checked") !== null);

  const show = () => {
    const done = asked.filter(isFilled).length;
    bar.max = Math.max(1, asked.length);
    bar.value = done;
    count.textContent = `${done} / ${asked.length}`;
  };
  box.hidden = asked.length === 0;
  show();
  form.addEventListener("input", (event) => {
    event.target.closest(".ev-line")?.classList.remove("ev-wrong");
    show();
  });

  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    form.querySelector(".ev-send").setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => {
    sent = false;
    form.querySelector(".ev-send").removeAttribute("aria-disabled");
    show();
  });

  document.querySelector("[data-wrong]")?.focus();
})();
