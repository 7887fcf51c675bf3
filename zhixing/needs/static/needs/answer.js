// A sheet on a phone: what was ticked outlives a reload and a closed-down tab, and a half-filled sheet is asked about. The page works without all of this.
(() => {
  const place = `needs ${window.location.pathname}`;
  const form = document.querySelector("[data-sheet]");
  if (!form) {
    sessionStorage.removeItem(place); // handed in
    return;
  }
  const fields = Array.from(form.querySelectorAll("input:not([type=hidden]), textarea"));
  const topics = fields.filter((field) => field.name === "topic");
  const send = form.querySelector("[data-half]");
  const isTick = (field) => field.type !== "textarea";

  const show = () => {
    const full = topics.filter((topic) => topic.checked).length >= Number(form.dataset.topics);
    for (const topic of topics) topic.disabled = full && !topic.checked;
    const isOpen = Array.from(form.querySelectorAll(".nd-row")).some((row) => !row.querySelector("input:checked"));
    if (isOpen) send.dataset.confirm = send.dataset.half;
    else delete send.dataset.confirm;
  };

  // In this tab only, and gone with it: who sits down at the same machine later finds nothing.
  const keep = () => {
    const filled = fields.filter((field) => (isTick(field) ? field.checked : field.value));
    sessionStorage.setItem(place, JSON.stringify(filled.map((field) => [field.name, field.value])));
  };

  const bring = () => {
    for (const [name, value] of JSON.parse(sessionStorage.getItem(place) || "[]")) {
      const field = fields.find((one) => one.name === name && (!isTick(one) || one.value === value));
      if (!field) continue;
      if (isTick(field)) field.checked = true;
      else field.value = value;
    }
  };

  if (!fields.some((field) => (isTick(field) ? field.checked : field.value))) bring();
  show();
  form.addEventListener("input", () => {
    keep();
    show();
  });
  window.addEventListener("pageshow", show);
})();
