// Browsers that run no script: everything but copying and the phone's own sheet works.
import assert from "node:assert/strict";
import test from "node:test";
import { open, send, signIn } from "./lib.mjs";
import { base } from "./shop.mjs";

const without = { javaScriptEnabled: false, expected: [422] };

test("without a script a member signs in, looks around, changes the language and signs out", async (t) => {
  const page = await open(t, without);
  await signIn(page, "member8@example.com");
  for (const tab of ["/share", "/gifts", "/"]) {
    await page.locator(`nav.tabs a[href="${tab}"]`).click();
    await page.waitForURL(base + tab);
    assert.equal(await page.locator("nav.tabs [aria-current=page]").getAttribute("href"), tab);
  }
  assert.equal(await page.locator("[data-copy]:visible, [data-share]:visible").count(), 0, "what needs a script is not there");
  assert.ok((await page.locator("#link").inputValue()).startsWith(base), "the link can be copied by hand");
  await page.locator("footer a[hreflang=en]").click();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.locator("a.me").click();
  await page.locator("form[action$='/sign-out'] button").click();
  await page.locator("main a[href='/sign-in']").waitFor();
  await page.goto(`${base}/history`);
  assert.equal(new URL(page.url()).pathname, "/sign-in", "the session is over");
});

test("without a script somebody joins, and mistakes are named", async (t) => {
  const page = await open(t, without);
  await page.goto(`${base}/join`);
  await page.locator("#email").fill("noscript@example.com");
  await page.locator("main form button").click();
  assert.equal(await page.locator("[aria-invalid=true]").count(), 2, "the first name and the terms");
  assert.equal(await page.locator("#email").inputValue(), "noscript@example.com", "what was right stays");
  await page.locator("#first_name").fill("Nina");
  await page.locator("#terms").check();
  await send(page, "noscript@example.com");
  assert.equal(await page.locator("a.me").innerText(), "Nina");
});
