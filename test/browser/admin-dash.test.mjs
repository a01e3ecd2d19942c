// The dashboard as somebody uses it: another period, a point of the chart, the figures behind it,
// a target, an order that comes while he looks.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { api, base } from "./shop.mjs";

test("the dashboard answers what came of referrals, in each period", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin`);
  const revenue = await page.locator("#figure-revenue .val").innerText();
  assert.match(revenue, /^€[\d,]+\.\d\d$/);
  await page.getByRole("link", { name: "12 months" }).click();
  await page.waitForURL(/period=12m/);
  assert.notEqual(await page.locator("#figure-revenue .val").innerText(), revenue);
  await page.goBack();
  assert.equal(await page.locator("#figure-revenue .val").innerText(), revenue);

  // A point of the chart says its day and both figures; the table says them all.
  await page.locator(".chart .band").nth(3).hover();
  const tip = await page.locator("#tip").innerText();
  assert.match(tip, /^\d+\s\w+: \d+\n\d+\s\w+: \d+$/);
  await page.getByText("See the figures").first().click();
  assert.equal(await page.locator(".plain-t tbody tr").count(), 28);
  const [day, now] = await page.locator(".plain-t tbody tr").nth(3).locator("th, td").allInnerTexts();
  assert.ok(tip.startsWith(`${day}: ${now}\n`), `${tip} and ${day} ${now}`);
});

test("a target that cannot be read is kept and explained, a good one is compared with", async (t) => {
  const page = await asStaff(t, "owner", "en", { expected: [422] });
  await page.goto(`${base}/admin`);
  await page.getByText("What may a new customer cost?").click();
  await page.locator("#target").fill("ten");
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await page.locator("#target").inputValue(), "ten");
  assert.match(await page.locator("#target-wrong").innerText(), /such as 12\.50/);
  await page.locator("#target").fill("1 000,00");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("within your target of €1,000.00").waitFor();
  await page.getByText("What may a new customer cost?").click();
  await page.locator("#target").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Your target is saved.").waitFor();
});

test("what happens appears while somebody looks", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.clock.install();
  await page.goto(`${base}/admin`);
  await page.mouse.move(200, 200);
  await api("live", "POST", "/v1/orders", { series: "web", ref: `LIVE-${Date.now()}`, currency: "EUR", member: { number: "1003" }, lines: [{ sku: "MUG", amount: 1234 }] });
  await page.clock.fastForward(16_000);
  await page.locator("#feed").getByText("€12.34").waitFor();
});
