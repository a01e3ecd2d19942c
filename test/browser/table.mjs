// The table of pages, and a browser for whoever sees one: a visitor, one who waits for his
// letter, a member, and a member who has chosen his secret number.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { open, signIn } from "./lib.mjs";
import { base } from "./shop.mjs";

export const { pages, files } = JSON.parse(readFileSync(new URL("pages.json", import.meta.url), "utf8"));

export const languages = { fr: "fr-FR", pl: "pl-PL", en: "en-GB" };

/** Who signs in is somebody else for each language: members of the demo shop. */
const address = { fr: "member1@example.com", pl: "member2@example.com", en: "member3@example.com" };

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
    await signIn(page, address[language]);
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
