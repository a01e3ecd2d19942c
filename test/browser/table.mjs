// The table of pages, and a browser for whoever sees one: a visitor, one who waits for his
// letter, a member, and a member who has chosen his secret number.
import { readFileSync } from "node:fs";
import { open, signIn } from "./lib.mjs";
import { base } from "./shop.mjs";

export const { pages, files } = JSON.parse(readFileSync(new URL("pages.json", import.meta.url), "utf8"));

export const languages = { fr: "fr-FR", pl: "pl-PL", en: "en-GB" };

/** Who signs in is somebody else for each language: members of the demo shop. */
const address = { fr: "member1@example.com", pl: "member2@example.com", en: "member3@example.com" };

const kept = {};

/** as opens a browser in which this person was before, in his language. */
export async function as(t, who, language, options = {}) {
  const key = `${who} ${language}`;
  const page = await open(t, { locale: languages[language], storageState: kept[key], ...options });
  if (kept[key]) return page;
  if (who === "waiting") {
    await page.goto(`${base}/sign-in`);
    await page.locator("#email").fill("nobody@example.com");
    await page.locator("form button").click();
    await page.waitForURL(/\/sign-in\/code$/);
  } else if (who !== "visitor") {
    await signIn(page, address[language]);
  }
  if (who === "chosen") await choosePIN(page);
  await page.goto(`${base}/language/${language}`);
  kept[key] = await page.context().storageState();
  return page;
}

/** choosePIN gives a member a secret number; one that he has is replaced. */
export async function choosePIN(page, at = base, pin = "2580") {
  await page.goto(`${at}/profile/pin`);
  await page.locator("#pin").fill(pin);
  await page.locator("#again").fill(pin);
  await page.locator("form button").click();
  await page.waitForURL(/\/profile$/);
}
