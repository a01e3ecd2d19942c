// The table of the back office's screens, and a browser for somebody of each role.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { open } from "./lib.mjs";
import { api, base } from "./shop.mjs";
import { languages } from "./table.mjs";

const parts = readdirSync(new URL("admin/", import.meta.url)).filter((f) => f.endsWith(".json")).sort().map((f) => JSON.parse(readFileSync(new URL(`admin/${f}`, import.meta.url), "utf8")));
const all = (name) => Object.assign({}, ...parts.map((p) => p[name]));
const only = process.env.CAGNOTTE_ADMIN_PART;
export const table = { pages: parts.flatMap((p) => p.pages).filter((p) => !only || p.route.includes(only)), files: all("files") };
const find = all("find"), found = all("found");

/**
 * filled puts in place of each {name} in a path what its part's table says of it, and keeps it
 * for the tests that follow. `find`: on the screen `at`, the first link whose text (where one is
 * wanted) and address match; the group of `link` is it. `found`: what the API answers when it
 * is asked (a method, a path, a body), at the place `take` of its answer ("data.0.id").
 */
export async function filled(page, pattern) {
  let at = pattern;
  for (const [whole, name] of pattern.matchAll(/\{(\w+)\}/g)) {
    const kept = path.join(process.env.CAGNOTTE_STATES, `admin-${name}.txt`);
    if (!existsSync(kept)) writeFileSync(kept, String(await (found[name] ? asked(found[name]) : linked(page, name, find[name]))));
    at = at.replace(whole, readFileSync(kept, "utf8"));
  }
  return at;
}

async function asked({ ask: [method, where, body], take }) {
  return take.split(".").reduce((x, key) => x[key], await api("live", method, where, body));
}

async function linked(page, name, { at, link, text }) {
  await page.goto(base + at);
  const links = await page.$$eval("a[href]", (list) => list.map((a) => [a.getAttribute("href"), a.textContent]));
  const hit = links.map(([href, said]) => (!text || said.includes(text)) && href.match(new RegExp(link))).find(Boolean);
  if (!hit) throw new Error(`${at} leads to no ${name}`);
  return hit[1];
}

/** links are the demo's ways in, by role; each opens once. */
export const links = () => Object.fromEntries(readFileSync(path.join(process.env.CAGNOTTE_DATA, "demo-staff.txt"), "utf8").trim().split("\n").map((l) => l.split(" ")));

/**
 * asStaff opens a browser in which somebody of a role is signed in, in a language. The link of
 * a role opens once, so the session lies in a folder for the tests that follow.
 */
export async function asStaff(t, role, language = "fr", options = {}) {
  const kept = path.join(process.env.CAGNOTTE_STATES, `staff-${role}.json`);
  const page = await open(t, { locale: languages[language], viewport: { width: 1360, height: 900 }, storageState: existsSync(kept) && role !== "nobody" ? kept : undefined, ...options });
  if (role !== "nobody" && !existsSync(kept)) {
    await page.goto(links()[role]);
    await page.locator("main button").click();
    await page.waitForURL(/\/admin(\/account)?$/);
    await page.context().storageState({ path: kept });
  }
  await page.goto(`${base}/admin/language/${language}`);
  return page;
}
