/* Suggestions under the search field, and names of districts under the pointer. The page works without this. */
"use strict";
(() => {
  const WAIT = 120; // ms without a key before asking
  const holder = document.querySelector(".place");
  if (!holder) return;
  const field = holder.querySelector("input");
  const list = holder.querySelector("[role=listbox]");
  const found = holder.querySelector("[role=status]");
  let areas = [];
  let active = -1;
  let timer = 0;
  let asking = null;

  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) field.setAttribute(name, value);

  const options = () => [...list.children];
  const isOpen = () => !list.hidden;

  function point(to) {
    active = to;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === to)));
    if (to < 0) {
      field.removeAttribute("aria-activedescendant");
    } else {
      field.setAttribute("aria-activedescendant", options()[to].id);
      options()[to].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    clearTimeout(timer);
    asking?.abort(); // an answer on its way must not open the list again
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    point(-1);
  }

  function open() {
    list.hidden = areas.length === 0;
    field.setAttribute("aria-expanded", String(isOpen()));
  }

  function go(area) {
    const address = new URL(area.href, location.href);
    const comparator = document.querySelector("[name=comparator]");
    if (comparator) address.searchParams.set("comparator", comparator.value);
    location.assign(address);
  }

  function option(area, at) {
    const made = document.createElement("li");
    const about = document.createElement("span");
    made.id = `place-${at}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.textContent = area.name;
    about.textContent = [area.kind, ...area.parents].join(", ");
    made.append(" ", about);
    made.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    made.addEventListener("click", () => go(area));
    return made;
  }

  function show(answer) {
    areas = answer;
    list.replaceChildren(...areas.map(option));
    point(-1);
    open();
    found.textContent = areas.length === 0 ? "No place found yet."
      : areas.length === 1 ? "1 place found." : `${areas.length} places found.`;
  }

  async function ask() {
    const text = field.value.trim();
    asking?.abort();
    if (text.length < 2) {
      show([]);
      found.textContent = "";
      return;
    }
    asking = new AbortController();
    try {
      const reply = await fetch(`${holder.dataset.areas}?q=${encodeURIComponent(text)}`, { signal: asking.signal });
      const answer = reply.ok ? await reply.json() : [];
      if (document.activeElement === field) show(answer);
    } catch (problem) {
      if (problem.name !== "AbortError") close(); // the form still works
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = areas.length - 1;
    if (event.key === "ArrowDown" && last >= 0) {
      open();
      point(active < last ? active + 1 : 0);
    } else if (event.key === "ArrowUp" && last >= 0) {
      open();
      point(active > 0 ? active - 1 : last);
    } else if (event.key === "Enter" && isOpen() && active >= 0) {
      go(areas[active]);
    } else if (event.key === "Escape" && isOpen()) {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });

  field.addEventListener("blur", close);

  const name = document.querySelector(".map-name");
  const map = document.querySelector(".country");
  if (name && map) {
    map.querySelectorAll("a").forEach((link) => {
      const title = link.querySelector("title");
      link.dataset.name = title.textContent;
      title.remove(); // the line below says it at once
    });
    map.addEventListener("pointerover", (event) => {
      name.textContent = event.target.closest("a")?.dataset.name ?? name.dataset.rest;
    });
    map.addEventListener("pointerleave", () => { name.textContent = name.dataset.rest; });
  }
})();
