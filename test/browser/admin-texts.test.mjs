// Pages of the portal as somebody writes them: a field goes where one writes, the preview
// follows, and without a script the same form does the same.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible } from "./lib.mjs";
import { base } from "./shop.mjs";

test("a field is inserted where somebody writes, and the preview follows", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/test/pages/new`);
  await page.locator("#slug").fill("by-script");
  await page.locator("#title").fill("Hello");
  await page.locator("#body").fill("Your code: ");
  await page.locator("[data-insert*=member_code]").click();
  assert.equal(await page.locator("#body").inputValue(), "Your code: {{ member_code }}");
  await page.locator(".pg-seen", { hasText: "Your code: CAMILLE7K" }).waitFor();
  await page.locator(".pg-seen", { hasText: "sign in to see this" }).waitFor();
  await accessible(page, "a page that is being written");
  await page.locator(".save .pri").click();
  await page.getByText("Published: readers see it now.").waitFor();
});

test("without a script a page is seen before it is saved", async (t) => {
  const page = await asStaff(t, "owner", "en", { javaScriptEnabled: false });
  await page.goto(`${base}/admin/test/pages/new`);
  assert.ok(!(await page.locator("[data-insert]").first().isVisible()), "a button that does nothing is not there");
  await page.locator("#slug").fill("by-hand");
  await page.locator("#title").fill("Hello");
  await page.locator("#body").fill("Dear {{ first_name }}");
  await page.getByRole("button", { name: "Show the preview" }).click();
  assert.match(await page.locator("#page-preview").innerText(), /Dear Camille/);
  assert.equal(await page.locator("#body").inputValue(), "Dear {{ first_name }}");
  await page.getByRole("button", { name: "Save as a draft" }).click();
  await page.getByText("Readers do not see it before it is published").waitFor();
});
