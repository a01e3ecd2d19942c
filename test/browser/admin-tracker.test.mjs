// The check of what comes from a shop: the demo shop makes its mistakes, and the page names each
// within ten seconds, by itself. Somebody goes the way of a friend and is followed to the end.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, fits, open, shot } from "./lib.mjs";
import { base, storefront } from "./shop.mjs";

const within = 10_000;

test("each mistake of the shop is named within ten seconds", async (t) => {
  const page = await asStaff(t, "owner", "en");
  const shop = await open(t, { locale: "en-GB", expected: [] });
  await page.goto(`${base}/admin/tracker`);
  for (const [button, title] of [
    ["An order without article ids", "Orders without article ids"],
    ["An order without a customer", "Orders without a customer"],
    ["The same order twice", "Orders sent twice"],
    ["Twice, with another amount", "Orders sent twice with other contents"],
    ["Two hours late", "Orders told hours late"],
    ["With a wrong key", "Calls without a valid key"],
  ]) {
    await shop.goto(`${storefront}/mistakes`);
    await shop.getByRole("button", { name: button }).click();
    const sent = await shop.getByRole("status").textContent();
    const ref = sent.match(/CL-\w+/)[0];
    const began = Date.now();
    await page.bringToFront();
    const group = page.locator(".wrongs > li").filter({ has: page.locator(".tag", { hasText: new RegExp(`^${title}$`) }) });
    await group.waitFor({ timeout: within });
    if (title !== "Calls without a valid key") await group.getByText(ref).first().waitFor({ timeout: within });
    t.diagnostic(`${title}: ${Date.now() - began} ms`);
  }
  for (const language of ["fr", "pl", "en"]) {
    await page.goto(`${base}/admin/language/${language}`);
    await page.goto(`${base}/admin/tracker`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1360, 390, 320]) {
        await page.setViewportSize({ width, height: 900 });
        const when = `admin tracker faults ${language} ${colorScheme} ${width}`;
        await fits(page, when);
        await accessible(page, when);
        await shot(page, when);
      }
    }
  }
});

test("somebody goes the way of a friend, and is followed to the end", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/tracker`);
  await page.locator("#trial-begin").click();
  const link = await page.locator("#trial-open").getAttribute("href");
  const friend = await open(t, { locale: "en-GB" });
  await friend.goto(link);
  await friend.getByRole("button", { name: "Accept" }).click();
  await page.bringToFront();
  await page.locator("#live .heard li.done", { hasText: "The shop was opened with the code" }).waitFor({ timeout: within });
  await friend.bringToFront();
  await friend.goto(`${storefront}/articles/MUG`);
  await friend.locator("main form button").first().click();
  await friend.goto(`${storefront}/checkout`);
  await friend.getByLabel("E-mail").fill("trial@example.com");
  await friend.getByLabel("First name").fill("Trial");
  await friend.getByRole("button", { name: "Place the order" }).click();
  await friend.waitForURL(/orders\/CL-/);
  await page.bringToFront();
  await page.getByText("The way is complete").waitFor({ timeout: within });
  assert.equal(await page.locator("#live .heard li.done", { hasText: "The browser told of the order" }).count(), 1);
  await shot(page, "admin tracker trial done");
});
