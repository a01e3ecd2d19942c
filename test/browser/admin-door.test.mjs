// How staff comes in: invited, with a password and an app for codes, and again.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, open } from "./lib.mjs";
import { base } from "./shop.mjs";

/** code is what an app for codes shows: RFC 6238 over a secret in base 32. */
export function code(secret, steps = 0) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const at = Buffer.alloc(8);
  at.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const h = createHmac("sha1", key).update(at).digest();
  return String((h.readUInt32BE(h[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("somebody is invited, comes in, leaves and comes again", async (t) => {
  const owner = await asStaff(t, "owner");
  await owner.goto(`${base}/admin/people`);
  await owner.locator("#name").fill("Wanda Cięta");
  await owner.locator("#email").fill("wanda@example.com");
  await owner.locator("#role").selectOption("support");
  await owner.locator("section form .btn.pri").click();
  const link = await owner.locator("#link").inputValue();

  const page = await open(t, { locale: "pl-PL", expected: [422, 404] });
  await page.goto(link);
  await page.locator("#password").fill("12345678");
  await page.locator("main .btn.pri").click();
  await page.locator("#password-wrong").waitFor();
  await accessible(page, "an easy password");
  await page.locator("#password").fill("piąta rano na placu");
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin\/factor$/);
  const secret = await page.locator("[name=secret]").inputValue();
  await page.locator("#code").fill(code(secret));
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin$/);
  assert.equal(await page.locator("nav a[href='/admin/people']").count(), 0, "what a role lacks is absent");
  assert.equal((await page.goto(`${base}/admin/people`)).status(), 404);
  await page.goto(`${base}/admin/account`);
  await page.locator("form[action='/admin/sign-out'] button").click();
  await page.waitForURL(/\/admin\/sign-in$/);
  await page.goto(`${base}/admin/members?q=anna`);
  await page.locator("#shop").fill("demo");
  await page.locator("#email").fill("wanda@example.com");
  await page.locator("#password").fill("piąta rano na placu");
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin\/second/);
  await page.locator("#code").fill(code(secret, 1));
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin\/members\?q=anna$/);
});
