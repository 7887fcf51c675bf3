// Draws each [data-calendar] from the data block beside it; on a phone the list below it is all there is.
(() => {
  const VIEWS = { week: "timeGridWeek", month: "dayGridMonth" };
  const FALSE_ROLES = ["table", "rowgroup", "row", "rowheader", "columnheader", "cell"].map((role) => `[role=${role}]`).join();
  const NARROW = "(max-width: 767.98px)";

  function moved(place, { event, revert }) {
    const minute = (moment) => {
      const two = (part) => String(part).padStart(2, "0");
      return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
    };
    const detail = { key: event.extendedProps.key, starts: minute(event.start), ends: minute(event.end), undo: revert };
    place.dispatchEvent(new CustomEvent("calendar:move", { bubbles: true, detail }));
  }

  const contentOf = (wholeDays) => ({ event, timeText }) => {
    const line = (name, text) => {
      const element = document.createElement("div");
      element.className = name;
      element.textContent = text;
      return element;
    };
    const { place } = event.extendedProps;
    const lines = [line("ec-event-title", event.title)];
    if (!wholeDays) lines.unshift(line("ec-event-time", timeText));
    return { domNodes: place ? [...lines, line("zx-event-place", place)] : lines };
  };

  // The calendar calls itself a table whose rows hold buttons, which is none; the list below it is what is read out.
  function mendRoles(place) {
    const mend = () => {
      for (const element of place.querySelectorAll(FALSE_ROLES)) {
        for (const name of ["role", "aria-colindex", "aria-rowindex"]) element.removeAttribute(name);
      }
    };
    new MutationObserver(mend).observe(place, { childList: true, subtree: true });
    mend();
  }

  function draw(place) {
    if (place.dataset.drawn || window.matchMedia(NARROW).matches) return;
    place.dataset.drawn = "yes";
    place.parentElement.querySelector("details").open = false;
    const data = JSON.parse(document.getElementById(place.dataset.calendar).textContent);
    window.EventCalendar.create(place, {
      view: VIEWS[data.view],
      date: data.on,
      locale: document.documentElement.lang,
      firstDay: 1,
      allDaySlot: false,
      nowIndicator: true,
      slotMinTime: data.opens,
      slotMaxTime: data.closes,
      slotHeight: 28,
      slotEventOverlap: false,
      dayMaxEvents: true,
      headerToolbar: { start: "title", center: "", end: "today prev,next" },
      buttonText: { today: data.words.today },
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      dayHeaderFormat: { weekday: "short", month: "numeric", day: "numeric" },
      views: { dayGridMonth: { dayHeaderFormat: { weekday: "short" } } },
      eventStartEditable: data.movable,
      eventDurationEditable: data.movable,
      eventDrop: (change) => moved(place, change),
      eventResize: (change) => moved(place, change),
      eventClick: ({ event }) => event.extendedProps.url && window.location.assign(event.extendedProps.url),
      eventContent: contentOf(data.wholeDays),
      events: data.events,
    });
    mendRoles(place);
    for (const [name, word] of [["prev", data.words.previous], ["next", data.words.next]]) {
      place.querySelector(`button.ec-${name}`).setAttribute("aria-label", word);
    }
  }

  const drawAll = (root) => root.querySelectorAll("[data-calendar]").forEach(draw);
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  drawAll(document);
})();
