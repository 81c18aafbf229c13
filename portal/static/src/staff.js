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
