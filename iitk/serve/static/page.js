/* What a served page does in the browser: choices go into the address, what happens is said in one place, and a page
   whose kernel has gone says so. Everything else works without it. */
"use strict";
(() => {
  const root = document.documentElement;
  const status = document.getElementById("status");
  const every = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);

  // Voila's script calls these. There is nothing to wait for: the page is whole before it comes.
  window.voila_heartbeat = window.voila_process = window.voila_finish = () => {};

  // --- one status line -----------------------------------------------------------------------------------------
  let fading = 0;
  function say(text, fault = false) {
    if (!status) { return; }
    clearTimeout(fading);
    if (status.textContent !== text) { status.textContent = text; } // what is said already is not said again
    status.classList.toggle("fault", fault);
    if (text && !fault) { fading = setTimeout(() => { status.textContent = ""; }, 8000); }
  }

  // --- choices in the address ----------------------------------------------------------------------------------
  function remember(keys, chosen) {
    const address = new URL(location.href);
    keys.forEach((key) => address.searchParams.delete(key));
    chosen.forEach((value, key) => address.searchParams.set(key, value));
    if (address.href !== location.href) { history.replaceState(null, "", address); }
  }

  // --- figures with choices: what is chosen goes to their kernel, and what it draws takes the place of what was ----
  const told = document.getElementById("jupyter-config-data");
  const page = told ? JSON.parse(told.textContent) : null;
  const session = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const waits = new Map();  // what each control has come to since its kernel was last told: the newest choice
  const sent = new Map();  // by message: the control that it is of, and the choice, until the kernel is done with it
  let line = null;
  let tries = 0;

  function message(id, model, state) {
    const header = { msg_id: id, msg_type: "comm_msg", session, username: "", version: "5.3", date: new Date().toISOString() };
    const content = { comm_id: model, data: { method: "update", state, buffer_paths: [] } };
    return JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content, buffers: [] });
  }
  let count = 0;

  // One choice of a control is under way at a time: what is chosen meanwhile goes when that is done, the newest only.
  const underWay = (model) => [...sent.values()].some(([other]) => other === model);
  function tell(model, state) {
    waits.set(model, state);
    sendOff();
  }
  function sendOff() {
    if (!line || line.readyState !== WebSocket.OPEN) { return; }
    waits.forEach((state, model) => {
      if (underWay(model)) { return; }
      const id = `${session}-${++count}`;
      waits.delete(model);
      sent.set(id, [model, state]);
      line.send(message(id, model, state));
    });
  }
  function done(id) {
    if (!sent.has(id)) { return; }
    const [model] = sent.get(id);
    sent.delete(id);
    sendOff();
    const live = fieldOf(model)?.closest(".live");
    if (live && ![...live.querySelectorAll("[data-field]")].some((one) => underWay(one.dataset.field))) { busy(live, false); }
  }
  // What went out on a line that broke may not have arrived: it goes again, unless there is a newer choice.
  function sendAgain() {
    sent.forEach(([model, state]) => { if (!waits.has(model)) { waits.set(model, state); } });
    sent.clear();
    sendOff();
  }

  const fieldOf = (model) => document.querySelector(`[data-field="${CSS.escape(model)}"]`);
  function heard({ msg_type: kind, content, parent }) {
    if (kind === "status" && content.execution_state === "idle") { done(parent); }
    if (kind !== "comm_msg" || content.data.method !== "update") { return; }
    const { comm_id: model, data: { state } } = content;
    const place = document.querySelector(`:is(.live, .live-progress)[data-model="${CSS.escape(model)}"]`);
    if (place && typeof state.value === "string") {
      if (place.matches(".live")) { show(place, state.value); } else { progress(place, state.value); }
      return;
    }
    const field = fieldOf(model);
    if (field && !waits.has(model) && field.dataset.trait in state) { put(field, state[field.dataset.trait]); }
  }

  // How far something is that takes long. Only new words are said: a figure that counts up would never be quiet.
  function progress(place, html) {
    const before = place.textContent.trim();
    place.innerHTML = html;
    const words = place.textContent.trim();
    if (words && words !== before) { say(words); }
  }

  function show(live, html) {
    const open = [...live.querySelectorAll("details")].map((one) => one.open);
    const place = live.querySelector(".live-shown");
    const words = [...place.querySelectorAll("button.term")].map((word) => word.cloneNode(true));
    place.innerHTML = html;
    explain(place, words);
    place.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(open[at]); });
    const { keys = "", query = "", status: said = "", fault } = place.querySelector(".view").dataset;
    say(said, fault === "true");
    if (fault !== "true") { remember(keys.split(",").filter(Boolean), new URLSearchParams(query)); }
  }

  // What the link asked for and could not be had is said when the page is there.
  every('.view:not([data-status=""])', (view) => say(view.dataset.status, view.dataset.fault === "true"));

  // The words that were explained are explained where they stand now.
  function explain(place, words) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT, (text) => (
      text.parentElement.closest("svg, table, summary, style, h3, a, button, .own, .field-help") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT
    ));
    while (words.length && texts.nextNode()) {
      const text = texts.currentNode;
      const which = words.findIndex((word) => text.data.includes(word.textContent));
      if (which < 0) { continue; }
      const [word] = words.splice(which, 1);
      const rest = text.splitText(text.data.indexOf(word.textContent));
      rest.data = rest.data.slice(word.textContent.length);
      text.after(word);
    }
  }

  function put(field, value) {
    if (field.type === "checkbox") { field.checked = value; } else { field.value = String(value); }
    word(field);
  }

  // --- a slider says its value in words, while it moves too ---------------------------------------------------------
  function word(field) {
    if (field.type !== "range") { return; }
    const words = `${field.value}${field.dataset.after}`;
    field.setAttribute("aria-valuetext", words);
    field.parentElement.querySelector(".value").textContent = words;
  }
  document.addEventListener("input", ({ target }) => word(target));
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-step]");
    if (!button) { return; }
    const field = button.parentElement.querySelector("input");
    const before = field.value;
    field.stepUp(Number(button.dataset.step));
    if (field.value !== before) { ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true }))); }
  });

  function connect() {
    const address = new URL(`${page.baseUrl}api/kernels/${page.kernelId}/channels`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = new URLSearchParams({ session_id: session });
    line = new WebSocket(address);
    line.onopen = () => { tries = 0; sendAgain(); root.classList.add("ready"); };
    line.onmessage = (event) => {
      const { channel, header, parent_header: parent, content } = JSON.parse(event.data);
      if (channel === "iopub") { heard({ msg_type: header.msg_type, content, parent: parent.msg_id }); }
    };
    line.onclose = () => { if (tries++ < 3) { setTimeout(async () => { await look(); if (!asleep) { connect(); } }, 400 * tries); } else { look(); } };
  }

  // --- a change that takes longer than a blink says so -----------------------------------------------------------
  const waiting = new WeakMap();
  function busy(live, is) {
    clearTimeout(waiting.get(live));
    live.removeAttribute("aria-busy");
    if (is) {
      waiting.set(live, setTimeout(() => {
        live.setAttribute("aria-busy", "true");
        say("Working it out\u2026");
        waiting.set(live, setTimeout(look, 2000));
      }, 400));
    }
  }

  document.addEventListener("change", ({ target }) => {
    const model = target.dataset.field;
    if (!model || !page) { return; }
    if (!target.checkValidity() || target.value === "") {
      say(target.validationMessage || "Choose a number.", true);
      return;
    }
    const value = target.type === "checkbox" ? target.checked : Number(target.value);
    busy(target.closest(".live"), true);
    tell(model, { [target.dataset.trait]: value });
  });

  // --- a page whose kernel has gone -------------------------------------------------------------------------------
  let asleep = false;
  function sleeps(sentence) {
    if (asleep) { return; }
    asleep = true;
    const note = document.createElement("div");
    note.className = "asleep";
    note.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.textContent = sentence;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Carry on";
    again.addEventListener("click", () => location.reload());
    note.append(words, again);
    document.body.append(note);
    every(".live", (live) => busy(live, false));
    every("[data-field], [data-step]", (field) => { field.disabled = true; });
  }
  async function look() {
    if (!page || asleep || document.hidden) { return; }
    try {
      const answer = await fetch(`${page.baseUrl}api/kernels/${page.kernelId}`, { cache: "no-store" });
      if (answer.status === 404) {
        sleeps("This page has gone to sleep, because nobody used it for a while. Your choices are kept.");
      }
    } catch {
      sleeps("The connection to the toolkit is lost. What you see stays as it is; choices no longer change it.");
    }
  }
  if (page) {
    if (document.querySelector(".live")) { connect(); }
    setInterval(look, 20000);
    document.addEventListener("visibilitychange", look);
    // A page that is closed for good gives its kernel back; one that the browser keeps for the way back does not.
    window.addEventListener("pagehide", (event) => {
      if (!event.persisted) { navigator.sendBeacon(`${page.baseUrl}voila/api/shutdown/${page.kernelId}`); }
    });
  }

  // --- a page that comes up on a phone has its parts folded under their headings: a tap or a link opens one -------------
  const parts = [...document.querySelectorAll("main section")].filter((one) => (
    one.querySelector(":scope > .is-heading > h2") && one.children.length > 1
  ));
  const all = document.createElement("button");
  Object.assign(all, { type: "button", className: "fold-all" });
  all.addEventListener("click", () => {
    const open = parts.some((part) => part.classList.contains("folded"));
    parts.forEach((part) => unfold(part, open));
  });
  function unfold(part, open) {
    part.classList.toggle("folded", !open);
    part.querySelector("h2 > button").setAttribute("aria-expanded", String(open));
    all.textContent = parts.some((one) => one.classList.contains("folded")) ? "Open all parts" : "Fold all parts";
  }
  function foldUp(part, at) {
    const heading = part.querySelector("h2");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "fold" });
    button.append(...heading.childNodes);
    button.addEventListener("click", () => unfold(part, part.classList.contains("folded")));
    heading.append(button);
    unfold(part, at === 0);
  }
  function reveal() {
    const target = document.getElementById(location.hash.slice(1)); // names of parts are plain
    const part = target?.closest("section.folded");
    if (part) { unfold(part, true); target.scrollIntoView(); }
  }
  if (matchMedia("screen and (max-width: 600px)").matches && parts.length > 1) {
    root.classList.add("folds");
    parts.forEach(foldUp);
    parts[0].before(all);
    reveal();
    window.addEventListener("hashchange", reveal);
    every('a[href^="#"]', (link) => link.addEventListener("click", () => setTimeout(reveal)));
  }

  // --- the tools of a page ------------------------------------------------------------------------------------------
  function large(on) {
    root.classList.toggle("large", on);
    every('[data-does="large"]', (button) => button.setAttribute("aria-pressed", String(on)));
  }
  const does = {
    large() {
      const on = !root.classList.contains("large");
      large(on);
      remember(["screen"], new URLSearchParams(on ? "screen=large" : ""));
    },
    async link() {
      try {
        await navigator.clipboard.writeText(location.href);
        say("The link is copied: it opens this page with your choices.");
      } catch {
        window.prompt("Copy this link: it opens this page with your choices.", location.href);
      }
    },
    print() { window.print(); },
  };
  every("[data-does]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => does[button.dataset.does]());
  });
  large(new URLSearchParams(location.search).get("screen") === "large");

  // A form that sends two choices keeps the others.
  every("form[data-keep]", (form) => form.addEventListener("submit", () => {
    new URLSearchParams(location.search).forEach((value, key) => {
      if (!form.elements.namedItem(key)) {
        const kept = document.createElement("input");
        Object.assign(kept, { type: "hidden", name: key, value });
        form.append(kept);
      }
    });
  }));

  // --- no room just now: look again until there is ---------------------------------------------------------------
  every("[data-wait]", (waits) => {
    setInterval(async () => {
      try {
        const state = await (await fetch(waits.dataset.wait, { cache: "no-store" })).json();
        if (state.status === "ok") { location.reload(); } else { say(`Still full: ${state.kernels} of ${state.places} places are taken.`); }
      } catch { say("The server does not answer just now.", true); }
    }, 5000);
  });
})();
