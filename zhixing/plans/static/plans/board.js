// A line dragged to another quarter. Without this, each card's drawer holds buttons that do the same.
(() => {
  const board = document.querySelector("[data-board]");
  const form = document.getElementById("move-line");
  if (!board || !form) return;
  let dragged = null;

  for (const card of board.querySelectorAll("[data-line]")) card.draggable = true;

  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-line]") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.querySelector("h3").textContent.trim());
    dragged.classList.add("pl-dragged");
  });
  board.addEventListener("dragend", () => {
    for (const one of board.querySelectorAll(".pl-dragged, .pl-over")) one.classList.remove("pl-dragged", "pl-over");
    dragged = null;
  });

  // A draft is changed at once; a frozen plan asks for the reason on the page of the change.
  function drop(card, term) {
    if (card.dataset.changeUrl) {
      window.location.assign(`${card.dataset.changeUrl}?term=${term}`);
      return;
    }
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    form.action = card.dataset.moveUrl;
    form.elements.term.value = term;
    form.elements.seen.value = card.dataset.seen;
    form.submit();
  }

  for (const quarter of board.querySelectorAll("[data-term]")) {
    quarter.addEventListener("dragover", (event) => {
      if (!dragged || quarter.contains(dragged)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      quarter.classList.add("pl-over");
    });
    quarter.addEventListener("dragleave", (event) => {
      if (!quarter.contains(event.relatedTarget)) quarter.classList.remove("pl-over");
    });
    quarter.addEventListener("drop", (event) => {
      if (!dragged || quarter.contains(dragged)) return;
      event.preventDefault();
      drop(dragged, quarter.dataset.term);
    });
  }

  // A page that the back button brings back from memory can be used again.
  window.addEventListener("pageshow", () => delete form.dataset.sent);
})();
