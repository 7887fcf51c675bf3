// People of one cell moved between "on the list" and "not on the list" by mouse or keys. Without this, each button opens a page with the same form.
(() => {
  const sides = document.querySelector("[data-sides]");
  const dialog = document.getElementById("move");
  if (!sides || !dialog) return;
  const form = dialog.querySelector("form");
  const buttons = () => Array.from(sides.querySelectorAll("[data-move]"));
  const rowOf = (button) => button.closest("[data-row], tr");
  document.querySelector("[data-keys]").hidden = false;

  function ask(button) {
    const into = button.dataset.move === "in";
    const text = into ? dialog.dataset.in : dialog.dataset.out;
    dialog.querySelector("h2").textContent = text.replace("{name}", button.dataset.name);
    form.elements.person.value = button.dataset.person;
    form.elements.chosen.disabled = !into;
    form.elements.reason.value = "";
    form.querySelector(".btn-primary").disabled = false;
    dialog.addEventListener("close", () => button.isConnected && button.focus(), { once: true });
    dialog.showModal();
    form.elements.reason.focus();
  }

  // One decision for one click, however often it is clicked.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelector(".btn-primary").disabled = true;
  });

  // Not a submit button: Enter in the reason would press the first one of the form.
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());

  // A page that the back button brings back from memory can be used again.
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    form.querySelector(".btn-primary").disabled = false;
    if (dialog.open) dialog.close();
  });

  sides.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    ask(button);
  });

  // Mouse: a row can be taken anywhere but at its links.
  let dragged = null;
  sides.addEventListener("pointerover", (event) => {
    const row = event.target.closest("[data-row], tbody tr");
    if (row?.querySelector("[data-move]")) row.draggable = true;
  });
  sides.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.("[data-row], tbody tr");
    dragged = row?.querySelector("[data-move]") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.name);
    row.classList.add("cu-dragged");
    target(dragged).classList.add("cu-open");
  });
  sides.addEventListener("dragend", () => {
    for (const one of sides.querySelectorAll(".cu-dragged, .cu-open, .cu-over")) one.classList.remove("cu-dragged", "cu-open", "cu-over");
    dragged = null;
  });
  const target = (button) => sides.querySelector(`[data-side="${button.dataset.move}"]`);
  for (const side of sides.querySelectorAll("[data-side]")) {
    side.addEventListener("dragover", (event) => {
      if (!dragged || target(dragged) !== side) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      side.classList.add("cu-over");
    });
    side.addEventListener("dragleave", (event) => {
      if (!side.contains(event.relatedTarget)) side.classList.remove("cu-over");
    });
    side.addEventListener("drop", (event) => {
      if (!dragged || target(dragged) !== side) return;
      event.preventDefault();
      ask(dragged);
    });
  }

  // Keys: up and down from person to person, right and left to the other side, Ctrl+Z takes the last decision back.
  sides.addEventListener("keydown", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const all = buttons().filter((one) => one.dataset.move === button.dataset.move);
    const at = all.indexOf(button);
    const away = button.dataset.move === "out" ? "ArrowRight" : "ArrowLeft";
    if (event.key === "ArrowDown") (all[at + 1] ?? button).focus();
    else if (event.key === "ArrowUp") (all[at - 1] ?? button).focus();
    else if (event.key === away || event.key === " ") ask(button);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") buttons().find((one) => one.dataset.move !== button.dataset.move)?.focus();
    else return;
    event.preventDefault();
    rowOf(document.activeElement)?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
    const undo = document.querySelector("form[data-undo]");
    if (!undo || undo.dataset.sent) return;
    event.preventDefault();
    undo.dataset.sent = "yes";
    undo.requestSubmit();
  });
})();
