// Staff keys: j and k move along the rows of a list, Enter opens one, x marks it, / goes to the search. Not inside a field.
import "./site.js";

const rows = [...document.querySelectorAll("[data-row]")];
let current = -1;

function go(index) {
  if (!rows.length) return;
  current = Math.max(0, Math.min(rows.length - 1, index));
  rows.forEach((row, i) => row.toggleAttribute("data-current", i === current));
  rows[current].querySelector("a")?.focus();
  rows[current].scrollIntoView({ block: "nearest" });
}

const acts = {
  j: () => go(current + 1),
  k: () => go(current - 1),
  x: () => rows[current]?.querySelector("input[type=checkbox]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (event.key in acts) { acts[event.key](); event.preventDefault(); }
});
for (const [index, row] of rows.entries()) row.addEventListener("focusin", () => { current = index; rows.forEach((r, i) => r.toggleAttribute("data-current", i === index)); });
for (const box of document.querySelectorAll("[data-check-all]")) {
  box.addEventListener("change", () => rows.forEach((row) => { const mine = row.querySelector("input[type=checkbox]"); if (mine) mine.checked = box.checked; }));
}

// A form that is saved as it is typed: a moment after the last key, at the latest every ten seconds, and when the page
// is left. Files are not sent on the way. The form is looked up each time: an answer may have put a new one in place.
let pending;
let since = 0;
let sending = false;
let changed = false;
let failing = false;
const autosaved = () => document.querySelector("form[data-autosave]");

function tell(words) {
  const line = document.querySelector("[data-autosave-said]");
  if (line && line.textContent !== words) line.textContent = words;
}

function later(wait) {
  clearTimeout(pending);
  pending = setTimeout(saveTyped, wait);
}

async function saveTyped() {
  const form = autosaved();
  clearTimeout(pending);
  if (!form || sending || !changed || form.dataset.sent) return;
  const { lost, out } = document.querySelector("[data-autosave-said]").dataset;
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  sending = true;
  changed = false;
  since = 0;
  let again = 0;
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual", keepalive: String(body).length < 60000 });
    if (answer.ok || answer.status === 409) {
      const { said, version } = await answer.json();
      if (version) {
        form.elements.version.value = version;
        if (location.href !== form.action) history.replaceState(null, "", form.action);
      }
      if (said) tell(said);
      failing = false;
    } else {
      changed = failing = true;
      again = 5000;
      tell(answer.type === "opaqueredirect" ? out : lost);
    }
  } catch {
    changed = failing = true;
    again = 5000;
    tell(lost);
  }
  sending = false;
  if (changed) later(again || 1000);
}

for (const kind of ["input", "change", "suggested"]) {
  addEventListener(kind, (event) => {
    if (!event.target.closest?.("form[data-autosave]") || event.target.type === "file") return;
    changed = true;
    since ||= Date.now();
    if (!sending) later(Date.now() - since > 10000 ? 0 : 1000);
  });
}
addEventListener("visibilitychange", () => { if (document.hidden) saveTyped(); });
addEventListener("pagehide", saveTyped);
addEventListener("beforeunload", (event) => { if (failing && !autosaved()?.dataset.sent) event.preventDefault(); });
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.defaultPrevented || !event.target.matches?.("form[data-autosave] input:not([type=file])")) return;
  event.preventDefault();
  changed = true;
  saveTyped();
});
