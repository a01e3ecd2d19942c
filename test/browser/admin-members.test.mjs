// The list of members as people work with it: looking, choosing, doing something to many and
// taking it back, adding somebody.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, fits, shot } from "./lib.mjs";
import { base } from "./shop.mjs";

const names = (page) => page.locator("tbody td.main a").allInnerTexts();

test("a list is narrowed, ordered and shared by its address, and Back goes back", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/members`);
  const all = await names(page);
  assert.ok(all.length > 15);
  await page.locator(".more-filters summary").click();
  await page.locator("#f-tag").fill("tasting");
  await page.waitForURL(/tag=tasting/);
  await page.locator(".pill").waitFor();
  const some = await names(page);
  assert.ok(some.length > 1 && some.length < all.length);
  await page.getByRole("link", { name: "Remove: Tag: tasting" }).click();
  await page.waitForURL((u) => !u.search.includes("tag"));
  await page.locator("th a", { hasText: "Member" }).click();
  await page.waitForURL(/sort=name/);
  await page.locator("th[aria-sort=ascending]").waitFor();
  const sorted = await names(page);
  assert.deepEqual(sorted, sorted.toSorted((a, b) => a.split(" ").at(-1).localeCompare(b.split(" ").at(-1), "fr") || a.localeCompare(b, "fr")));
  await Promise.all([page.waitForEvent("load"), page.goBack()]); // the page of the address is loaded whole
  await page.waitForURL((u) => !u.search.includes("sort"));
  assert.deepEqual(await names(page), all);
});

test("a filter is kept under a name", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/members?tag=tasting`);
  await page.locator("#view").fill("Tasters");
  await page.getByRole("button", { name: "Save the view" }).click();
  await page.getByRole("link", { name: "Tasters" }).click();
  await page.waitForURL(/tag=tasting/);
  await page.getByRole("button", { name: "Forget the view Tasters" }).click();
  await page.getByText("The view is forgotten").waitFor();
});

test("two members are credited, and it is taken back", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/members?q=1002`);
  const before = await page.locator("tbody tr").first().innerText();
  await page.goto(`${base}/admin/members?sort=number`);
  const boxes = page.locator("tbody input[name=m]");
  assert.ok(!(await page.locator("[data-bulk]").isVisible()), "nothing is chosen");
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.locator("[data-bulk]").waitFor();
  assert.equal(await page.locator("[data-bulk-n]").innerText(), "2");
  await shot(page, "admin members chosen en");
  await page.getByRole("button", { name: "Credit", exact: true }).click();
  await page.getByText("This is about 2 members.").waitFor();
  await page.locator("#amount").fill("25");
  await page.locator("#reason").fill("sorry for the delay");
  await page.getByRole("button", { name: "Credit 2 members" }).click();
  await page.getByText("Done", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Undo for 2 members" }).click();
  await page.getByText("What it takes back").waitFor();
  await page.getByText("Done", { exact: true }).waitFor();
  for (const language of ["fr", "pl", "en"]) {
    const at = page.url();
    await page.goto(`${base}/admin/language/${language}`);
    await page.goto(at);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1360, 390, 320]) {
        await page.setViewportSize({ width, height: 900 });
        const when = `admin bulk done ${language} ${colorScheme} ${width}`;
        await fits(page, when);
        await accessible(page, when);
        await shot(page, when);
      }
    }
  }
  await page.setViewportSize({ width: 1360, height: 900 });
  await page.goto(`${base}/admin/members?q=1002`);
  assert.equal(await page.locator("tbody tr").first().innerText(), before);
});

test("a member is added, and who recommended him is picked while typing", async (t) => {
  const page = await asStaff(t, "owner", "en", { expected: [404, 422] });
  await page.goto(`${base}/admin/members/new`);
  await page.locator("#first_name").fill("Marta");
  await page.locator("#last_name").fill("Lis");
  await page.locator("#email").fill("marta.lis@example.com");
  await page.locator("#referrer").pressSequentially("kowalska", { delay: 20 });
  await page.locator("#found input[type=radio]").first().waitFor();
  assert.ok((await page.locator("#found input[type=radio]").count()) > 1);
  await shot(page, "admin members picked en");
  await accessible(page, "who may have recommended");
  await page.getByRole("button", { name: "Add the member" }).click();
  await page.getByText("pick the one who recommends").first().waitFor();
  assert.equal(await page.locator("#email").inputValue(), "marta.lis@example.com");
  await page.locator("#found input[type=radio]").first().check();
  await page.getByRole("button", { name: "Add the member" }).click();
  await page.waitForURL(/members\/mem_/);
  await page.goto(`${base}/admin/members?q=MARTA.LIS@example.com`);
  assert.deepEqual(await names(page), ["Marta Lis"]);
  assert.match(await page.locator("tbody tr").innerText(), /Kowalska/);
});

test("a lead is added without a script, by a second step", async (t) => {
  const page = await asStaff(t, "owner", "fr", { javaScriptEnabled: false, expected: [404] });
  await page.goto(`${base}/admin/members/lead`);
  await page.locator("#first_name").fill("Léo");
  await page.locator("#email").fill("leo@example.com");
  await page.locator("#referrer").fill("1003");
  await page.getByRole("button", { name: "Chercher" }).click();
  await page.locator("#found input[type=radio]:checked").waitFor();
  assert.equal(await page.locator("#email").inputValue(), "leo@example.com");
  await page.getByRole("button", { name: "Ajouter le prospect" }).click();
  await page.waitForURL(/members\/mem_/);
  await page.goto(`${base}/admin/members?q=leo@example.com`);
  assert.match(await page.locator("tbody tr").innerText(), /Prospect/);
});

test("a list is taken away as a file", async (t) => {
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/members?tag=tasting`);
  for (const [button, end] of [["CSV", ".csv"], ["Excel", ".xlsx"]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
    assert.ok(file.suggestedFilename().endsWith(end));
    await page.reload();
  }
});
