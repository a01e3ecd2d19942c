// The table of the back office's screens, and a browser for somebody of each role.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { open } from "./lib.mjs";
import { api, base } from "./shop.mjs";
import { languages } from "./table.mjs";

// CAGNOTTE_ADMIN_PART looks at one part's screens alone.
const part = process.env.CAGNOTTE_ADMIN_PART;
const parts = readdirSync(new URL("admin/", import.meta.url)).filter((f) => f.endsWith(".json") && (!part || f === `${part}.json`)).sort().map((f) => JSON.parse(readFileSync(new URL(`admin/${f}`, import.meta.url), "utf8")));

/** What stands in {name:value} in the table: {member:1003} is the id of the member with that number. */
const found = {
  member: async (number) => (await api("live", "GET", `/v1/members?number=${number}`)).data[0].id,
};

/** filled gives a path of the table as this shop has it. */
export async function filled(at) {
  const [whole, name, value] = at.match(/\{(\w+):(\w+)\}/) ?? [];
  return whole ? filled(at.replace(whole, await found[name](value))) : at;
}

const pages = [];
for (const p of parts.flatMap((p) => p.pages)) pages.push({ ...p, shown: p.path, path: await filled(p.path) });
export const table = { pages, files: Object.assign({}, ...parts.map((p) => p.files)) };

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
