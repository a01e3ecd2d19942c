// What the team changed stands in the audit as it was before and after, leads to what it is about,
// and leaves as a file; whose card was opened is told there and on the card.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, fits, shot } from "./lib.mjs";
import { base } from "./shop.mjs";

test("a change stands before and after, and a card that was opened is known", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/settings/consent`);
  await page.locator("input[name=consent][value=service]").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/settings\/consent/);
  await page.goto(`${base}/admin/members`);
  await page.locator("table.tbl a[href*='/members/mem_']").first().click();
  await page.waitForURL(/members\/mem_/);
  const card = page.url();

  await page.goto(`${base}/admin/audit`);
  await page.locator("select[name=kind]").selectOption("settings");
  await page.waitForURL(/kind=settings/);
  const row = page.locator("tbody tr", { has: page.locator("dl.was-is") }).first();
  await row.waitFor();
  assert.match(await row.locator("ins").first().textContent(), /After\s+\S/);
  assert.match(await row.locator("a").first().getAttribute("href"), /\/admin\/settings\/consent$/);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Excel" }).click()]);
  assert.match(file.suggestedFilename(), /audit-.*\.xlsx$/);
  await page.goto(`${base}/admin/audit?kind=exports`);
  await page.getByText("rows: 1", { exact: true }).waitFor(); // the list as it was narrowed, not as the page came
  for (const [path, name] of [["/admin/audit", "admin audit changes"], ["/admin/audit?kind=looks", "admin audit looks"], [card.replace(base, "").replace(/\?.*/, "") + "?tab=data", "admin audit card"]]) {
    for (const language of ["fr", "pl", "en"]) {
      await page.goto(`${base}/admin/language/${language}`);
      await page.goto(base + path);
      for (const [colorScheme, width] of [["light", 1360], ["dark", 390], ["light", 320]]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const when = `${name} ${language} ${colorScheme} ${width}`;
        await fits(page, when);
        await accessible(page, when);
        await shot(page, when);
      }
    }
  }
  await page.setViewportSize({ width: 1360, height: 900 });
  await page.goto(`${base}/admin/audit?kind=looks`);
  assert.equal(await page.locator("tbody tr").count() > 0, true);
  await page.goto(card.replace(/\?.*/, "") + "?tab=data");
  await page.getByText("Who opened this card").waitFor();
});
