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
    status.textContent = text;
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
  const unsent = [];
  let line = null;
  let tries = 0;

  function message(model, state) {
    const header = {
      msg_id: `${session}-${++message.count}`, msg_type: "comm_msg", session, username: "", version: "5.3",
      date: new Date().toISOString(),
    };
    const content = { comm_id: model, data: { method: "update", state, buffer_paths: [] } };
    return JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content, buffers: [] });
  }
  message.count = 0;

  function tell(text) {
    if (line && line.readyState === WebSocket.OPEN) { line.send(text); } else { unsent.push(text); }
  }

  function heard({ msg_type: kind, content }) {
    if (kind !== "comm_msg" || content.data.method !== "update") { return; }
    const { comm_id: model, data: { state } } = content;
    const live = document.querySelector(`.live[data-model="${CSS.escape(model)}"]`);
    if (live && typeof state.value === "string") { show(live, state.value); return; }
    const field = document.querySelector(`[data-field="${CSS.escape(model)}"]`);
    if (field && field.dataset.trait in state) { put(field, state[field.dataset.trait]); }
  }

  function show(live, html) {
    const open = [...live.querySelectorAll("details")].map((one) => one.open);
    const place = live.querySelector(".live-shown");
    const words = [...place.querySelectorAll("button.term")].map((word) => word.cloneNode(true));
    place.innerHTML = html;
    explain(place, words);
    place.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(open[at]); });
    busy(live, false);
    const { keys = "", query = "", status: said = "", fault } = place.querySelector(".view").dataset;
    say(said, fault === "true");
    if (fault !== "true") { remember(keys.split(",").filter(Boolean), new URLSearchParams(query)); }
  }

  // What the link asked for and could not be had is said when the page is there.
  every('.view:not([data-status=""])', (view) => say(view.dataset.status, view.dataset.fault === "true"));

  // The words that were explained are explained where they stand now.
  function explain(place, words) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT, (text) => (
      text.parentElement.closest("svg, table, summary, style, h3, a, button") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT
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
  }

  function connect() {
    const address = new URL(`${page.baseUrl}api/kernels/${page.kernelId}/channels`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = new URLSearchParams({ session_id: session });
    line = new WebSocket(address);
    line.onopen = () => { tries = 0; unsent.splice(0).forEach((text) => line.send(text)); root.classList.add("ready"); };
    line.onmessage = (event) => {
      const { channel, header, content } = JSON.parse(event.data);
      if (channel === "iopub") { heard({ msg_type: header.msg_type, content }); }
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
    tell(message(model, { [target.dataset.trait]: value }));
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
    every("[data-field]", (field) => { field.disabled = true; });
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
