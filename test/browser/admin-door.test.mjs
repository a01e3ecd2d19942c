// How staff comes in: invited, with a password and an app for codes, and again.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { code } from "./code.mjs";
import { accessible, open } from "./lib.mjs";
import { base } from "./shop.mjs";

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

test("a form of another site changes nothing", async (t) => {
  const page = await asStaff(t, "owner", "en", { expected: [403] });
  const form = (path, fields) => `<form method="post" action="${base}${path}">${fields.map(([n, v]) => `<input name="${n}" value="${v}">`).join("")}<button>go</button></form>`;
  await page.context().route("http://evil.example/**", (r) => r.fulfill({
    contentType: "text/html",
    body: r.request().url().endsWith("people") ? form("/admin/people", [["name", "Eve"], ["email", "eve@example.com"], ["role", "owner"]]) : form("/admin/settings/shop", [["name", "Eve"], ["hue", "1"]]),
  }));
  for (const what of ["people", "shop"]) {
    await page.goto(`http://evil.example/${what}`);
    const [answer] = await Promise.all([page.waitForNavigation(), page.locator("button").click()]);
    assert.equal(answer.status(), 403);
  }
  await page.goto(`${base}/admin/people`);
  assert.equal(await page.getByText("eve@example.com").count(), 0);
  await page.goto(`${base}/admin/settings/shop`);
  assert.notEqual(await page.locator("#name").inputValue(), "Eve");
});
