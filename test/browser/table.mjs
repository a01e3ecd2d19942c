// The table of pages, and a browser for whoever sees one: a visitor, one who waits for his
// letter, a member, one who has chosen his secret number, and the owner of a link.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { open, signIn } from "./lib.mjs";
import { api, base } from "./shop.mjs";

const table = JSON.parse(readFileSync(new URL("pages.json", import.meta.url), "utf8"));

/** What stands in {} in the table: codes of members, the name of a picture. */
const found = {
  code: () => codeOf("1004"), own: () => codeOf("1001"), blocked: () => codeOf("1020"),
  async card() {
    const page = await (await fetch(`${base}/i/${await codeOf("1004")}`)).text();
    return page.match(/og:image" content="[^"]*\/([^/"]+)"/)[1];
  },
};

async function codeOf(number) {
  const { data: [{ id }] } = await api("live", "GET", `/v1/members?number=${number}`);
  return (await api("live", "GET", `/v1/members/${id}/code`)).code;
}

/** filled gives a path of the table as this shop has it; what was found is found once. */
async function filled(at) {
  const name = at.match(/\{(\w+)\}/)?.[1];
  if (!name) return at;
  const kept = path.join(process.env.CAGNOTTE_STATES, `${name}.txt`);
  if (!existsSync(kept)) writeFileSync(kept, await found[name]());
  return filled(at.replace(`{${name}}`, readFileSync(kept, "utf8")));
}

export const pages = [];
for (const p of table.pages) pages.push({ ...p, shown: p.path, path: await filled(p.path) });
export const files = [];
for (const f of Object.values(table.files)) files.push({ ...f, shown: f.path, path: await filled(f.path) });

export const languages = { fr: "fr-FR", pl: "pl-PL", en: "en-GB" };

/** Who signs in is somebody else for each language: members of the demo shop. */
const address = { fr: "member2@example.com", pl: "member3@example.com", en: "member5@example.com" };

/**
 * as opens a browser in which this person was before, in his language. What browsers keep lies
 * in a folder, since each file of tests is a process and nobody is sent letters without end.
 */
export async function as(t, who, language, options = {}) {
  const kept = path.join(process.env.CAGNOTTE_STATES, `${who}-${language}.json`);
  const known = existsSync(kept);
  const page = await open(t, { locale: languages[language], storageState: known ? kept : undefined, ...options });
  if (known) return page;
  if (who === "waiting") {
    await page.goto(`${base}/sign-in`);
    await page.locator("#email").fill("nobody@example.com");
    await page.locator("main form button").click();
    await page.waitForURL(/\/sign-in\/code$/);
  } else if (who !== "visitor") {
    await signIn(page, who === "owner" ? "member1@example.com" : address[language]);
  }
  if (who === "chosen") await choosePIN(page);
  await page.goto(`${base}/language/${language}`);
  await page.context().storageState({ path: kept });
  return page;
}

/** choosePIN gives a member a secret number; one that he has is replaced. */
export async function choosePIN(page, at = base, pin = "2580") {
  await page.goto(`${at}/profile/pin`);
  await page.locator("#pin").fill(pin);
  await page.locator("#again").fill(pin);
  await page.locator("main form button").click();
  await page.waitForURL(/\/profile$/);
}
