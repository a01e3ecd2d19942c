// What every test of a page needs: a browser, a page that counts its errors, what axe and a
// ruler say of it, and how somebody signs in.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { base, entry } from "./shop.mjs";

const shots = process.env.CAGNOTTE_SHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let connected;

/** browser is the one browser of all tests. */
export function browser() {
  connected ??= chromium.connect(process.env.CAGNOTTE_BROWSER);
  return connected;
}

after(async () => { if (connected) await (await connected).close(); });

/** phone is how a context of a usual phone is made. */
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/**
 * open gives a test a browser of its own, with one page, that ends with the test. Whatever the
 * page complains of fails the test: errors of scripts, of the console, of the content security
 * policy, and answers of 400 and more, except those whose status is in `expected`.
 */
export async function open(t, options = {}) {
  const { expected = [], ...context } = options;
  const c = await (await browser()).newContext({ viewport: { width: 390, height: 844 }, locale: "fr-FR", ...context });
  c.setDefaultTimeout(20_000);
  const page = await c.newPage();
  const errors = [];
  const allowed = (text) => expected.some((status) => text.includes(`status of ${status} `));
  page.on("console", (m) => { if (m.type() === "error" && !allowed(m.text())) errors.push(`${page.url()}: ${m.text()}`); });
  page.on("pageerror", (e) => errors.push(`${page.url()}: ${e.message}`));
  page.on("response", (r) => { if (r.status() >= 400 && !expected.includes(r.status())) errors.push(`${r.url()}: ${r.status()}`); });
  page.on("requestfailed", (r) => { if (!r.failure().errorText.includes("ERR_ABORTED")) errors.push(`${r.url()}: ${r.failure().errorText}`); });
  await page.exposeFunction("violated", (what) => errors.push(`content security policy: ${what}`)).catch(() => {});
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (e) => window.violated(`${e.violatedDirective} ${e.blockedURI}`)));
  t.after(async () => {
    await c.close();
    assert.deepEqual(errors, [], "what the pages complained of");
  });
  return page;
}

/** accessible fails for whatever axe finds on the page as it stands. */
export async function accessible(page, when) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    for (const x of document.querySelectorAll("[data-again]")) delete x.dataset.again; // what is looked at stands still
    const { violations } = await axe.run(document, { rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] });
    return violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `  ${n.html}\n  ${n.failureSummary}`).join("\n")}`);
  });
  assert.deepEqual(found, [], `axe, ${when}`);
}

/** shot keeps a picture where CAGNOTTE_SHOTS names a folder. */
export async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: path.join(shots, `${name.replaceAll(/[^\w-]+/g, "-")}.png`), fullPage: true });
}

/** fits fails where a page is wider than its window. */
export async function fits(page, when) {
  const [wide, window, who] = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1);
    return [document.scrollingElement.scrollWidth, room, out.slice(0, 3).map((e) => e.outerHTML.slice(0, 120))];
  });
  assert.ok(wide <= window, `${when}: ${wide} px in a window of ${window}: ${who.join(" ")}`);
}

/** signIn lets somebody in by the code of his letter, as he would do it. */
export async function signIn(page, address, at = base) {
  await page.goto(`${at}/sign-in`);
  await page.locator("#email").fill(address);
  await send(page, address, at);
}

/** send sends a form that is answered by a letter, and types the code that stands in it. */
export async function send(page, address, at = base) {
  const { code } = await entry(address, at === base ? "demo" : "demo-test", async () => {
    await page.locator("main form button.first").click();
    await page.waitForURL(/\/sign-in\/code$/);
  });
  await page.locator("#code").fill(code);
  await page.locator("main form button").click();
  await page.locator("a.me").waitFor();
}

/** plain is text as people read it: any white space is one space. */
export const plain = (text) => text.replaceAll(/\s+/g, " ").trim();
