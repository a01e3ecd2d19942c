// Programs, as somebody works with them: a stamp card from its template, written as text, copied,
// tried, paused and let go on; and two people who write the same draft.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, fits, shot } from "./lib.mjs";
import { base } from "./shop.mjs";

/** begin makes a draft of a template by the full form, and gives its page. */
async function begin(page, template) {
  await page.goto(`${base}/admin/programs`);
  await page.locator(`form:has(input[value="${template}"]) button`).click();
  await page.waitForURL(/\/programs\/drafts\/drf_/);
}

/** types replaces the text of the draft, as keys would, and waits until it is kept. */
async function types(page, text) {
  const kept = page.waitForResponse((r) => r.url().endsWith("/keep"));
  await page.locator("#text").fill(text);
  return (await kept).status();
}

test("a stamp card is made, copied, tried, paused and goes on", async (t) => {
  const page = await asStaff(t, "marketing", "fr", { expected: [422] });
  await begin(page, "stamp-card");
  const name = `Carte du jour ${Date.now()}`;
  const written = (await page.locator("#text").inputValue()).replace(/^program ".*"/, `program "${name}"`).replaceAll("coffee", "drinks");

  // A line that cannot be read is named while it is typed, and the page says it in French.
  await types(page, written.replace("stamp 1 per item", "stamp 1 per week"));
  await page.locator("#draft-problems .no").first().waitFor();
  assert.match(await page.locator("#draft-problems").innerText(), /Ligne 2 :/);
  await accessible(page, "a line that cannot be read");

  assert.equal(await types(page, written), 200);
  await page.locator("#draft-preview", { hasText: "drinks" }).waitFor();
  await page.reload(); // it was kept by itself
  assert.match(await page.locator("#text").inputValue(), new RegExp(name));

  await page.locator("button[formaction$='/publish']").click();
  await page.waitForURL(/\/programs\/prg_/);
  assert.match(await page.locator("h1").innerText(), new RegExp(name));
  const at = page.url();

  // It is paused, and the next click lets it go on.
  await page.locator(".head form[action$='/pause'] button").click();
  await page.locator(".notice.good form[action$='/activate'] button").click();
  await page.locator(".head form[action$='/pause'] button").waitFor();
  assert.equal(page.url(), at);
  assert.match(await page.locator("h1").innerText(), /En cours/);

  // Ten drinks are a full card.
  await page.locator("a[href$='/try']").click();
  await page.locator("#qty1").fill("10");
  await page.locator("#amount1").fill("25,00");
  await page.locator("main form .btn.pri").click();
  await page.waitForURL(/run=1/);
  const trace = await page.locator("#trace").innerText();
  assert.match(trace, /10 tampons/);
  assert.match(trace, /bon/);
  await accessible(page, "an order that was tried");
  await shot(page, "admin programs tried fr");

  // A copy is a draft with a name of its own.
  await page.goto(at);
  await page.locator("form[action$='/copy'] button").click();
  await page.waitForURL(/\/drafts\/drf_/);
  assert.match(await page.locator("#text").inputValue(), new RegExp(`${name} \\(copie\\)`));
  await page.locator("details:has(form[action$='/remove']) summary").click();
  await page.locator("form[action$='/remove'] button").click();
  await page.waitForURL(/\/admin\/programs$/);
});

test("two people write the same draft: the second is told, and takes either", async (t) => {
  const first = await asStaff(t, "owner", "en");
  const second = await asStaff(t, "marketing", "pl", { expected: [409] });
  await begin(first, "cashback");
  const at = first.url();
  await second.goto(at);
  const text = await first.locator("#text").inputValue();
  const mine = text.replace("3 %", "4 %"), theirs = text.replace("3 %", "5 %");
  assert.equal(await types(first, mine), 200);
  assert.equal(await types(second, theirs), 409);
  await second.locator(".rival").waitFor();
  assert.match(await second.locator(".rival").innerText(), /4 %/);
  assert.equal(await second.locator("#text").inputValue(), theirs, "what was typed is there");
  await accessible(second, "two who write");
  await fits(second, "two who write");
  await shot(second, "admin programs rival pl");
  await second.locator(".rival button").click(); // keeps his own
  await second.locator(".notice.good").waitFor();
  assert.match(await second.locator("#text").inputValue(), /5 %/);

  // Without a script it is the same, by Save; and theirs is one click away.
  const third = await asStaff(t, "owner", "fr", { javaScriptEnabled: false, expected: [409] });
  await third.goto(at);
  await third.locator("#text").fill(text.replace("3 %", "6 %"));
  assert.equal(await types(second, text.replace("3 %", "7 %")), 200);
  await third.locator("main form .acts .btn.pri").first().click();
  await third.locator(".rival").waitFor();
  assert.match(await third.locator("#text").inputValue(), /6 %/);
  await third.locator(".rival a.btn").click();
  assert.match(await third.locator("#text").inputValue(), /7 %/);
});

test("a program has a picture, and prints on its page", async (t) => {
  const page = await asStaff(t, "owner", "en", { expected: [422] });
  await page.goto(`${base}/admin/programs`);
  await page.getByRole("link", { name: "Points", exact: true }).click();
  await page.waitForURL(/\/programs\/prg_/);
  await page.locator("#picture-of summary").click();
  await page.locator("#picture").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await page.locator("#alt").fill("A cup");
  await page.locator("#picture-of form .btn").first().click();
  await page.locator("#picture-wrong").waitFor();
  const png = await page.evaluate(() => {
    const c = document.createElement("canvas");
    c.width = c.height = 64;
    c.getContext("2d").fillRect(8, 8, 40, 40);
    return c.toDataURL("image/png").split(",")[1];
  });
  await page.locator("#picture").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") });
  await page.locator("#picture-of form .btn").first().click();
  const shown = page.locator("img.shown");
  await shown.waitFor();
  assert.equal(await shown.getAttribute("alt"), "A cup");
  await shown.evaluate((i) => i.decode()); // its bytes come after the page
  assert.equal(await shown.evaluate((i) => i.naturalWidth), 64, "it is shown");
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("#terms").isVisible());
  assert.ok(!(await page.locator(".acts").first().isVisible()), "buttons are not printed");
  await shot(page, "admin programs printed en");
  await page.emulateMedia({ media: "screen" });
  await page.locator("form[action$='/picture/remove'] button").click();
  await page.waitForURL(/picture-of/);
  assert.equal(await page.locator("img.shown").count(), 0);
});
