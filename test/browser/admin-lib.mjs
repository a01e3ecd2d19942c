// The table of the back office's screens, and a browser for somebody of each role.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { open } from "./lib.mjs";
import { api, base } from "./shop.mjs";
import { languages } from "./table.mjs";

const parts = readdirSync(new URL("admin/", import.meta.url)).filter((f) => f.endsWith(".json")).sort().map((f) => JSON.parse(readFileSync(new URL(`admin/${f}`, import.meta.url), "utf8")));

/**
 * What stands in {} in a part's table: `found` has what the API is asked for it (a method, a path, a
 * body) and where in the answer it stands, "data.0.id". It is asked once.
 */
const found = Object.assign({}, ...parts.map((p) => p.found));
async function filled(at) {
  const name = at.match(/\{(\w+)\}/)?.[1];
  if (!name) return at;
  const kept = path.join(process.env.CAGNOTTE_STATES, `found-${name}.txt`);
  if (!existsSync(kept)) {
    const { ask: [method, where, body], take } = found[name];
    writeFileSync(kept, String(take.split(".").reduce((x, key) => x[key], await api("live", method, where, body))));
  }
  return filled(at.replace(`{${name}}`, readFileSync(kept, "utf8")));
}

export const table = { pages: [], files: Object.assign({}, ...parts.map((p) => p.files)) };
for (const p of parts.flatMap((p) => p.pages)) if (!process.env.CAGNOTTE_ADMIN_PART || p.route.includes(process.env.CAGNOTTE_ADMIN_PART)) table.pages.push({ ...p, shown: p.path, path: await filled(p.path) });

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
