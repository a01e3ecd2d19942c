// A file is brought in as people do it: the separator is wrong and put right, the columns are
// named, it is tried, run, and taken back.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, fits, shot } from "./lib.mjs";
import { base } from "./shop.mjs";

async function everyLook(page, name) {
  for (const language of ["fr", "pl", "en"]) {
    const at = page.url();
    await page.goto(`${base}/admin/language/${language}`);
    await page.goto(at);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1360, 390, 320]) {
        await page.setViewportSize({ width, height: 900 });
        const when = `${name} ${language} ${colorScheme} ${width}`;
        await fits(page, when);
        await accessible(page, when);
        await shot(page, when);
      }
    }
  }
  await page.setViewportSize({ width: 1360, height: 900 });
}

test("a file with another separator is looked at, mapped, tried, run and undone", async (t) => {
  const page = await asStaff(t, "owner", "en", { expected: [422] });
  await page.goto(`${base}/admin/imports/new`);
  await page.locator("#reads").selectOption("balances");
  await page.locator("#file").setInputFiles({ name: "balances.csv", mimeType: "text/csv", buffer: Buffer.from("Card;What;Sum\n1001;EUR;12,50\n1002;EUR;3,00\nnobody;EUR;1,00\n") });
  await page.getByRole("button", { name: "Send" }).click();
  await page.waitForURL(/imports\/imp_/);
  await page.locator("#separator").selectOption("comma");
  await page.getByRole("button", { name: "Read it this way" }).click();
  await page.waitForURL(/separator=comma/);
  assert.equal(await page.locator(".peek th").count(), 1, "one column, since the separator is wrong");
  await page.locator("#separator").selectOption("semicolon");
  await page.getByRole("button", { name: "Read it this way" }).click();
  await page.waitForURL(/separator=semicolon/);
  assert.equal(await page.locator(".peek th").count(), 3);
  await everyLook(page, "admin imports mapping");
  await page.locator("#member_number").selectOption("Card");
  await page.locator("#unit").selectOption("What");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("Choose a column for this").first().waitFor();
  assert.equal(await page.locator("#unit").inputValue(), "What", "what was chosen is there");
  await page.locator("#amount").selectOption("Sum");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("Tried, ready").waitFor();
  await page.getByText("Line 4").waitFor();
  await everyLook(page, "admin imports tried");
  await page.getByRole("button", { name: "Import now" }).click();
  await page.getByRole("button", { name: "Undo the import" }).click();
  await page.getByText("Undone", { exact: true }).waitFor();
  await everyLook(page, "admin imports undone");
});
