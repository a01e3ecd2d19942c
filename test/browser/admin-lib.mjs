// The table of the back office's screens, and a browser for somebody of each role.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { open } from "./lib.mjs";
import { api, base } from "./shop.mjs";
import { languages } from "./table.mjs";

const parts = readdirSync(new URL("admin/", import.meta.url)).filter((f) => f.endsWith(".json")).sort().map((f) => JSON.parse(readFileSync(new URL(`admin/${f}`, import.meta.url), "utf8")));
export const table = { pages: parts.flatMap((p) => p.pages), files: Object.assign({}, ...parts.map((p) => p.files)), find: Object.assign({}, ...parts.map((p) => p.find)) };

const found = new Map();

/**
 * filled puts in place of a {name} in a path what `find` says of it: on the screen `at`, the
 * first link whose text (where one is wanted) and address match; the group of `link` is it. Or
 * the API is asked, with a method, a path and a body, and the answer's field `take` is it.
 */
export async function filled(page, path) {
  for (const [whole, name] of path.matchAll(/\{(\w+)\}/g)) {
    if (!found.has(name)) {
      const { at, link, text, ask, take } = table.find[name];
      if (ask) {
        const [method, where, body] = ask;
        found.set(name, (await api("live", method, where, body))[take]);
        path = path.replace(whole, found.get(name));
        continue;
      }
      await page.goto(base + at);
      const all = await page.$$eval("a[href]", (list) => list.map((a) => [a.getAttribute("href"), a.textContent]));
      const hit = all.map(([href, said]) => (!text || said.includes(text)) && href.match(new RegExp(link))).find(Boolean);
      if (!hit) throw new Error(`${at} leads to no ${name}`);
      found.set(name, hit[1]);
    }
    path = path.replace(whole, found.get(name));
  }
  return path;
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
