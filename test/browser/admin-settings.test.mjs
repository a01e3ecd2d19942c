// The settings as somebody uses them: the colour follows, what is not saved is said, keys are
// shown once.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible } from "./lib.mjs";
import { base } from "./shop.mjs";

const hue = (page) => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--h").trim());

test("a colour is chosen while the page follows, and saved", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/test/settings/shop`);
  const before = await page.locator("#hue").inputValue();
  await page.locator("#hue").fill("290");
  assert.equal(await hue(page), "290", "at once");
  await page.locator("#look link[href='/a/hue/290.css']").waitFor({ state: "attached" });
  assert.match(await page.locator("#look").innerText(), /✓ Text on the button: 7\.\d to 1/);
  assert.ok(await page.getByText("Changes that are not saved").isVisible());
  await accessible(page, "a colour that is not saved");
  await page.locator(".save a.btn").click(); // thrown away, without a question
  await page.waitForLoadState();
  assert.equal(await page.locator("#hue").inputValue(), before);
  assert.ok(!(await page.getByText("Changes that are not saved").isVisible()));
  await page.locator("#hue").fill("290");
  await page.locator(".save .pri").click();
  await page.getByText("Saved.").waitFor();
  assert.equal(await page.locator("#hue").inputValue(), "290");
  await page.locator("#hue").fill(before);
  await page.locator(".save .pri").click();
  await page.getByText("Saved.").waitFor();
});

test("without a script the settings are saved all the same", async (t) => {
  const page = await asStaff(t, "owner", "en", { javaScriptEnabled: false, expected: [422] });
  await page.goto(`${base}/admin/test/settings/joining`);
  await page.locator("[name='numbers.prefix']").fill("ab");
  await page.locator(".save .pri").click();
  assert.ok(await page.locator("[role=alert]").isVisible());
  assert.equal(await page.locator("[name='numbers.prefix']").inputValue(), "ab", "what was typed stays");
  await page.locator("[name='numbers.prefix']").fill("AB");
  await page.locator(".save .pri").click();
  await page.getByText("Saved.").waitFor();
});

test("who leaves with something unsaved is asked", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/test/settings/shop`);
  await page.locator("#name").pressSequentially("x");
  let asked = "";
  page.on("dialog", (d) => { asked = d.type(); d.accept(); });
  await page.locator("nav a[href='/admin/test/members']").click();
  await page.waitForURL(/members/);
  assert.equal(asked, "beforeunload");
});

test("a key is made, shown once, replaced and ended", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/test/settings/keys`);
  await page.locator("#name").fill("Web shop");
  await page.locator("[name=scopes][value=read]").check();
  await page.locator("[name=scopes][value=facts]").check();
  await page.locator("section form .btn.pri").click();
  const token = await page.locator("#token").inputValue();
  assert.match(token, /^cag_test_/);
  await accessible(page, "a new key");
  const asks = (key) => fetch(`${base}/v1/members`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await asks(token)).status, 200);
  const row = page.locator("tbody tr", { hasText: "Web shop" }).first();
  await row.getByRole("button", { name: /^Replace/ }).click();
  const next = await page.locator("#token").inputValue();
  assert.notEqual(next, token);
  await page.locator("tbody tr", { hasText: next.slice(0, 13) }).locator("summary").click();
  await page.getByRole("button", { name: `End it now ${next.slice(0, 13)}` }).click();
  await page.getByText("opens nothing any more").waitFor();
  assert.equal((await asks(next)).status, 401);
  assert.equal((await asks(token)).status, 200, "the old one has another day");
});
