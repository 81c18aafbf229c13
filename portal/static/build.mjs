// Builds portal/static/dist from portal/static/src: names carry a hash of the content, manifest.json maps the plain names.
// Icons used by the pages are copied from lucide-static with their licence. Nothing here is needed to run the site.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "dist");
const lucide = join(here, "..", "..", "node_modules", "lucide-static");
const manifest = {};

mkdirSync(target, { recursive: true });
for (const name of ["site.css", "staff.css", "chart.css", "site.js", "staff.js", "passkeys.js", "mark.svg"]) {
  const text =
    extname(name) === ".svg"
      ? readFileSync(join(source, name))
      : buildSync({
          entryPoints: [join(source, name)], bundle: true, minify: true, write: false, charset: "utf8", legalComments: "none",
          ...(extname(name) === ".js" ? { format: "esm", target: "es2020" } : { target: ["chrome87", "firefox86", "safari14"] }),
        }).outputFiles[0].contents;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const [stem, kind] = name.split(".");
  manifest[name] = `${stem}.${hash}.${kind}`;
  writeFileSync(join(target, manifest[name]), text);
}
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
// Old files go last, so that an app which starts meanwhile finds what its manifest names.
const kept = new Set([...Object.values(manifest), "manifest.json"]);
for (const name of readdirSync(target)) if (!kept.has(name)) rmSync(join(target, name));

const icons = {};
for (const name of readFileSync(join(source, "icons.txt"), "utf8").split("\n").filter(Boolean)) {
  const svg = readFileSync(join(lucide, "icons", `${name}.svg`), "utf8");
  icons[name] = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.indexOf("</svg>")).replace(/\s+/g, " ").replaceAll(" />", "/>").replaceAll("> <", "><").trim();
}
writeFileSync(join(here, "icons", "icons.json"), JSON.stringify(icons, null, 1) + "\n");
writeFileSync(join(here, "icons", "LICENSE"), readFileSync(join(lucide, "LICENSE")));
console.log(readdirSync(target).join("\n"));
