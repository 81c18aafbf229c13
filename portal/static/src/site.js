// Everything here is a comfort: each page works the same with scripts off. No dependency, no word leaves the browser but
// through the page's own forms.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const $ = (selector, root = document) => root.querySelector(selector);
const html = document.documentElement;

function quickExit() {
  const form = $("[data-quick-exit]");
  if (!form) return;
  const said = $("[data-exit-said]", form);
  let shifts = 0;
  let timer;
  const leave = () => {
    html.classList.add("covered");
    document.title = " ";
    navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
    location.replace(form.dataset.quickExit);
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
  addEventListener("keydown", (event) => {
    if (event.repeat) return;
    if (event.key !== "Shift") { shifts = 0; said.textContent = ""; return; }
    clearTimeout(timer);
    timer = setTimeout(() => { shifts = 0; said.textContent = ""; }, 5000);
    shifts += 1;
    if (shifts === 3) leave();
    else said.textContent = said.dataset.more + (3 - shifts);
  });
  // A page taken back from the browser's memory after leaving must show nothing.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

function characterCounts() {
  for (const area of $$("[data-limit]")) {
    const line = document.getElementById(`${area.id}-count`);
    const said = line.nextElementSibling;
    const limit = Number(area.dataset.limit);
    let timer;
    const show = () => {
      const left = limit - [...area.value].length;
      line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("{n}", Math.abs(left));
      line.classList.toggle("error-message", left < 0);
      clearTimeout(timer);
      timer = setTimeout(() => { said.textContent = line.textContent; }, 1000);
    };
    area.addEventListener("input", show);
    if (area.value) show();
  }
}

function sendOnce() {
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || "quickExit" in form.dataset) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    for (const button of $$("button", form)) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of $$("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of $$("button", form)) button.removeAttribute("aria-disabled");
    }
  });
}

// A chart says the values of the place that is pointed at, all series at once; with the keyboard by the arrow keys.
function chartValues() {
  for (const chart of $$("[data-chart]")) {
    const said = $("[data-chart-said]", chart);
    const sheets = $$(".chart__sheet", chart);
    const columns = [...new Set($$("[data-column]", sheets[0]).map((mark) => Number(mark.dataset.column)))].sort((a, b) => a - b);
    let at = -1;
    const show = (column) => {
      for (const mark of $$("[data-column]", chart)) mark.classList.toggle("chart__mark--on", Number(mark.dataset.column) === column);
      said.textContent = $$(`[data-column="${column}"] title`, sheets[0]).map((title) => title.textContent).join(" · ");
      said.hidden = said.textContent === "";
    };
    said.setAttribute("aria-live", "polite");
    chart.tabIndex = 0;
    chart.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      at = Math.min(columns.length - 1, Math.max(0, at < 0 && step < 0 ? columns.length - 1 : at + step));
      show(columns[at]);
    });
    for (const sheet of sheets) {
      sheet.addEventListener("pointermove", (event) => {
        const middle = (mark) => { const box = mark.getBoundingClientRect(); return Math.abs(box.left + box.width / 2 - event.clientX); };
        const near = $$("[data-column]", sheet).sort((one, other) => middle(one) - middle(other))[0];
        if (!near) return;
        at = columns.indexOf(Number(near.dataset.column));
        show(columns[at]);
      });
    }
  }
}

function copyAndPrint() {
  for (const button of $$("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.replace(/\s+/g, " ").trim());
      $("span", button).textContent = button.dataset.done;
      $("[data-copy-said]").textContent = button.dataset.done;
    });
  }
  for (const button of $$("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

function fileLists() {
  const size = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
  for (const input of $$("[data-file-list]")) {
    const list = document.getElementById(input.dataset.fileList);
    input.addEventListener("change", () => {
      list.replaceChildren(...[...input.files].map((file) => Object.assign(document.createElement("li"), { textContent: `${file.name} (${size(file.size)})` })));
      list.hidden = !input.files.length;
    });
  }
}

// The form's answer is a page, with or without a script: here it is fetched with progress, then shown as if it had been sent plainly.
function uploadProgress() {
  for (const form of $$("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      const shown = $("[data-upload-progress]", form);
      const only = form.dataset.upload; // the one button whose answer is a page to reload; no word: all of them
      if (event.defaultPrevented || !shown || (only && event.submitter?.value !== only) || !$$("input[type=file]", form).some((input) => input.files.length)) return;
      event.preventDefault();
      const request = new XMLHttpRequest();
      const body = new FormData(form, event.submitter);
      const said = $("[role=status]", shown);
      let last = -10;
      request.upload.onprogress = ({ loaded, total }) => {
        const percent = Math.floor((loaded / total) * 100);
        $("progress", shown).value = percent;
        if (percent >= last + 10 || percent === 100) { last = percent; said.textContent = said.dataset.said.replace("{n}", percent); }
      };
      request.responseType = "document"; // parsed by the browser, scripts dead: no HTML is ever made from a string here
      request.onload = () => {
        if (request.responseURL && request.responseURL !== location.href) { location.assign(request.responseURL); return; }
        if (request.status < 300) { location.reload(); return; }
        const answer = request.response;
        document.title = answer.title;
        $("main").replaceWith(document.adoptNode($("main", answer)));
        start();
      };
      request.onerror = () => { delete form.dataset.sent; shown.hidden = true; HTMLFormElement.prototype.submit.call(form); };
      shown.hidden = false;
      request.responseType = "document";
      request.open("POST", event.submitter?.getAttribute("formaction") || form.action);
      request.send(body);
    });
  }
}

function sessionNotice() {
  const box = $("[data-ends]");
  if (!box) return;
  let timers = [];
  const button = $("button", box);
  const arm = () => {
    timers.forEach(clearTimeout);
    const ends = Number(box.dataset.ends) * 1000;
    timers = [setTimeout(() => { box.hidden = false; button.focus(); }, Math.max(0, ends - 120000))];
  };
  button.addEventListener("click", async () => {
    const token = $("input[name=csrf_token]");
    const answer = box.dataset.stay && (await fetch(box.dataset.stay, { method: "POST", body: new URLSearchParams(token ? { csrf_token: token.value } : {}) }).catch(() => null));
    if (answer && !answer.ok) { location.reload(); return; }
    box.hidden = true;
    $("main").focus();
    arm();
  });
  arm();
}

// Only voices that the browser marks as its own: a remote one would send the page's words away.
function readingAloud() {
  const button = $("[data-read-aloud]");
  if (!button || !("speechSynthesis" in window)) return;
  const language = html.lang.slice(0, 2);
  const label = $("span", button);
  const words = label.textContent;
  const voice = () => speechSynthesis.getVoices().find((v) => v.localService && v.lang.toLowerCase().startsWith(language));
  const offer = () => { button.hidden = !voice(); };
  const stop = () => { speechSynthesis.cancel(); label.textContent = words; $$(".reading").forEach((p) => p.classList.remove("reading")); };
  offer();
  speechSynthesis.addEventListener?.("voiceschanged", offer);
  addEventListener("pagehide", stop);
  button.addEventListener("click", () => {
    if (speechSynthesis.speaking) { stop(); return; }
    const parts = $$("main :is(h1,h2,h3,p,li,label,dt,dd,summary,th,td)").filter((p) => p.offsetParent && !p.closest(".visually-hidden") && !$(":is(p,li,label)", p));
    label.textContent = button.dataset.stop;
    parts.forEach((part, index) => {
      const line = new SpeechSynthesisUtterance(part.textContent.trim());
      Object.assign(line, { voice: voice(), lang: html.lang, rate: 0.9 });
      line.onstart = () => { $$(".reading").forEach((p) => p.classList.remove("reading")); part.classList.add("reading"); };
      if (index === parts.length - 1) line.onend = stop;
      speechSynthesis.speak(line);
    });
  });
}

// Size, colour and contrast change in place, so that a half-written answer is not lost; the link's own address keeps the choice.
function displayLinks() {
  for (const link of $$("[data-display]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const [name, value] = link.dataset.display.split("=");
      if (value) html.dataset[name] = value; else delete html.dataset[name];
      $$("a", link.closest("ul")).forEach((a) => a.removeAttribute("aria-current"));
      link.setAttribute("aria-current", "true");
      fetch(link.href, { redirect: "manual" });
    });
  }
  addEventListener("click", (event) => {
    const more = $(".toolbar__more[open]");
    if (more && !more.contains(event.target)) more.open = false;
  });
  addEventListener("keydown", (event) => {
    const more = $(".toolbar__more[open]");
    if (event.key === "Escape" && more) { more.open = false; $("summary", more).focus(); }
  });
}

// A combobox over the site's own JSON: [{value, label}], asked with ?q=.
function suggestions() {
  for (const input of $$("[data-suggest]")) {
    const list = Object.assign(document.createElement("ul"), { className: "suggestions", id: `${input.id}-list`, hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
    input.after(list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) input.setAttribute(name, value);
    let active = -1;
    let timer;
    const show = (open) => { list.hidden = !open; input.setAttribute("aria-expanded", String(open)); if (!open) { active = -1; input.removeAttribute("aria-activedescendant"); } };
    const choose = (option) => {
      input.value = option.textContent;
      const kept = document.getElementById(input.dataset.suggestValue);
      if (kept) kept.value = option.dataset.value;
      input.dispatchEvent(new CustomEvent("suggested", { bubbles: true, detail: option.dataset.value }));
      show(false);
    };
    const mark = (index) => {
      active = (index + list.children.length) % list.children.length;
      [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
      input.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const asked = input.value.trim();
        if (!asked) { show(false); return; }
        // By POST: what is typed must stand in no address and no log.
        const answer = await fetch(input.dataset.suggest, { method: "POST", body: new URLSearchParams({ q: asked, csrf_token: input.form.elements.csrf_token.value }) }).then((r) => (r.ok ? r.json() : [])).catch(() => []);
        if (asked !== input.value.trim()) return;
        list.replaceChildren(...answer.map(({ value, label }, i) => {
          const option = Object.assign(document.createElement("li"), { id: `${list.id}-${i}`, textContent: label });
          option.dataset.value = value;
          option.setAttribute("role", "option");
          return option;
        }));
        show(answer.length > 0);
      }, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      if (event.key === "ArrowDown") { mark(active + 1); event.preventDefault(); }
      else if (event.key === "ArrowUp") { mark(active - 1); event.preventDefault(); }
      else if (event.key === "Escape") show(false);
      else if (event.key === "Enter" && active >= 0) { choose(list.children[active]); event.preventDefault(); }
    });
    list.addEventListener("mousedown", (event) => { event.preventDefault(); const option = event.target.closest("li"); if (option) choose(option); });
    input.addEventListener("blur", () => show(false));
  }
}

function start() {
  characterCounts();
  copyAndPrint();
  fileLists();
  uploadProgress();
  suggestions();
  chartValues();
  $("[data-autofocus]")?.focus();
}

quickExit();
sendOnce();
sessionNotice();
readingAloud();
displayLinks();
start();
