// The pages of the demo's web shop: axe finds nothing on any of them, in three languages, light and
// dark, on a phone and on the narrowest screen; and the keyboard alone buys something.
import assert from "node:assert/strict";
import test from "node:test";
import { accessible, fits, open, shot } from "./lib.mjs";
import { tab } from "./keys.mjs";
import { storefront } from "./shop.mjs";
import { languages } from "./table.mjs";

async function looked(page, path, language, status = 200) {
  if (path) {
    const answer = await page.goto(storefront + path);
    assert.equal(answer.status(), status, path);
  }
  const at = path || new URL(page.url()).pathname;
  const [found, title] = await page.evaluate(() => [[document.documentElement.lang, document.querySelectorAll("main").length, document.querySelectorAll("h1").length], document.title]);
  assert.deepEqual(found, [language, 1, 1], at);
  assert.match(title, /\S – \S/);
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [390, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      const when = `storefront ${at} ${language} ${colorScheme} ${width}`;
      await fits(page, when);
      await accessible(page, when);
      await shot(page, when);
    }
  }
}

for (const [language, locale] of Object.entries(languages)) {
  test(`${language}: nothing complains on the pages of the shop`, async (t) => {
    const page = await open(t, { locale, expected: [404, 422] });
    for (const path of ["/?cgr=ABCDEFG", "/", "/articles/MUG", "/cart", "/account", "/outbox"]) await looked(page, path, language);
    await looked(page, "/articles/NONE", language, 404);
    await page.goto(storefront);
    await page.locator("form.consent button[value=yes]").click();
    await page.locator("form.consent").waitFor({ state: "detached" });
    await page.goto(`${storefront}/articles/BEANS-1KG`);
    await page.locator("main form button").click();
    for (const path of ["/cart", "/checkout"]) await looked(page, path, language);
    await page.locator("#email").fill(`${language}.shopping@example.com`);
    await page.locator("#name").fill(" "); // the browser lets it pass, the shop does not
    await page.locator("main form[action='/checkout'] button").click();
    await page.locator("[role=alert] a").waitFor();
    await looked(page, "", language);
    await page.locator("#name").fill("Eva");
    await page.locator("main form[action='/checkout'] button").click();
    await page.waitForURL(/\/orders\/[^/]+$/);
    await looked(page, "", language);
    await page.locator("form[action$='/returns'] button").first().click();
    await page.locator("main em").waitFor();
    await looked(page, "", language);
    await page.goto(`${storefront}/account`);
    await page.locator("#known").fill("nobody.at.all@example.com");
    await page.locator("form[action='/account/sign-in'] button").click();
    await page.locator("[role=alert]").waitFor();
    await looked(page, "", language);
    await page.locator("#known").fill("member4@example.com");
    await page.locator("form[action='/account/sign-in'] button").click();
    await page.locator("a[href='/wallet']").waitFor();
    await looked(page, "/account", language);
    await page.goto(`${storefront}/outbox`);
    await page.locator("main .lines a").first().click();
    await page.locator("main div.card").waitFor();
    await looked(page, "", language);
  });
}

test("the keyboard alone agrees, chooses, pays and reads what it gave", async (t) => {
  const page = await open(t, { locale: "pl-PL", viewport: { width: 1100, height: 760 } });
  await page.goto(storefront);
  await tab(page, "#main"); // the skip link is first
  await tab(page, "button");
  await page.keyboard.press("Enter");
  await page.locator("form.consent").waitFor({ state: "detached" });
  await tab(page, "/articles/BEANS-1KG");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/articles\/BEANS-1KG$/);
  await tab(page, "add");
  await page.keyboard.press("ArrowUp");
  await tab(page, "button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/cart$/);
  await tab(page, "/checkout");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/checkout$/);
  await tab(page, "email");
  await page.keyboard.type("keyboard.alone@example.com");
  await tab(page, "name");
  await page.keyboard.type("Ala");
  await tab(page, "button");
  await shot(page, "storefront-keyboard");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/orders\/[^/]+$/);
  assert.match(await page.locator("main").innerText(), /49,80/, "two were bought");
  await tab(page, "/account");
});
