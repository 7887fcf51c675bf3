// Shows only the fields that the chosen kind of answer uses. Without this all are shown, and those not needed are not looked at.
(() => {
  const kind = document.querySelector("[data-item] [name=kind]");
  if (!kind) return;
  const show = () => {
    for (const field of document.querySelectorAll("[data-kinds]")) {
      field.hidden = !field.dataset.kinds.split(" ").includes(kind.value);
    }
  };
  kind.addEventListener("change", show);
  show();
})();
