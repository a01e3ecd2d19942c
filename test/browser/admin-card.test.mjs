// The card of a member: a wrong referrer is changed, a credit is given and undone, somebody is
// blocked and let go on, two cards become one, one is erased.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, fits, plain, shot } from "./lib.mjs";
import { api, base } from "./shop.mjs";

/** member makes a member of the live shop, and gives his id. */
async function member(number, first, more = {}) {
  const { member } = await api("live", "POST", "/v1/members", { id: `card-${number}`, number, first_name: first, last_name: "Carte", email: `${number}@card.example`, ...more });
  return member;
}

const text = async (page, what = "main") => plain(await page.locator(what).innerText());
const figures = async (page, id) => {
  await page.goto(`${base}/admin/members/${id}`);
  return text(page, ".figures");
};

test("a wrong referrer is changed, and both counters follow", async (t) => {
  const wrong = await member("CW1", "Wanda"), right = await member("CR1", "Rachel");
  const friend = await member("CF1", "Franek", { referrer: { number: "CW1" } });
  await api("live", "POST", "/v1/orders", { id: "card-order-1", ref: "CARD-1", currency: "EUR", member: { id: friend }, lines: [{ sku: "MUG", amount: 4500 }] });
  const page = await asStaff(t, "support", "en", { expected: [422] });
  assert.match(await figures(page, wrong), /Friends 1 \/ 1/);
  assert.match(await figures(page, right), /Friends 0 \/ 0/);
  // Why has she not got her 10 €? The day and the condition are on one screen.
  await page.goto(`${base}/admin/members/${wrong}?tab=wallet`);
  assert.match(await text(page), /€10\.00: paid on .+ if the order api\/CARD-1 is neither cancelled nor returned/);

  await page.goto(`${base}/admin/members/${friend}?tab=referrals`);
  await page.getByRole("link", { name: "Change the referrer" }).click();
  await page.locator("#pick").fill("rach car"); // typed, and found without a click
  await page.locator("#picked label", { hasText: "Rachel Carte" }).waitFor();
  await accessible(page, "the referrer's form");
  await page.locator("#picked label", { hasText: "Rachel Carte" }).click();
  await page.locator("section#form button.pri").click();
  assert.equal(await page.evaluate(() => document.querySelector("#reason").validity.valueMissing), true, "a reason is asked for");
  await page.locator("#reason").fill("mixed up at the till");
  await page.locator("section#form button.pri").click();
  await page.getByText("The referrer is changed").waitFor();
  const side = await text(page);
  assert.match(side, /Referrer Rachel Carte/);
  assert.match(side, /Note mixed up at the till/);
  assert.match(await figures(page, wrong), /On its way €1\.00.*Friends 0 \/ 0|Friends 0 \/ 0/);
  assert.match(await figures(page, right), /Friends \d \/ 1/);
  // Both sides see it: with the one the friend is said to be changed, with the other he is a friend who ordered.
  const friendsOf = async (id) => { await page.goto(`${base}/admin/members/${id}?tab=referrals`); return text(page); };
  const ofWrong = await friendsOf(wrong), ofRight = await friendsOf(right);
  assert.match(ofWrong, /Friends 0 of them validated 0.*Franek Carte Cancelled .*The shop’s team decided so/);
  assert.match(ofRight, /Franek Carte/);
  assert.doesNotMatch(ofRight, /Cancelled/);
  await page.goto(`${base}/admin/members/${friend}?tab=history`);
  assert.match(await text(page), /mixed up at the till/);

  // His own friend cannot have sent him: the mistake is said, what was typed stands there still.
  await page.goto(`${base}/admin/members/${right}?tab=referrals&do=referrer&pick=CF1`);
  await page.locator("#reason").fill("no");
  await page.locator("section#form button.pri").click();
  await page.locator("#referrer-wrong").waitFor();
  assert.equal(await page.locator("#reason").inputValue(), "no");
  await accessible(page, "a refused referrer");
});

test("a credit is given, and undone by one press", async (t) => {
  const anna = await member("CC1", "Anna");
  const page = await asStaff(t, "owner", "fr", { expected: [422] });
  await page.goto(`${base}/admin/members/${anna}`);
  await page.getByRole("link", { name: "Créditer" }).click();
  await page.locator("#amount").fill("douze");
  await page.locator("#reason").fill("tasse cassée");
  await page.locator("section#form button.pri").click();
  await page.locator("#amount-wrong").waitFor();
  assert.equal(await page.locator("#amount").inputValue(), "douze");
  await page.locator("#amount").fill("12,50");
  await page.locator("section#form button.pri").click();
  await page.getByText("12,50 € donnés").waitFor();
  assert.match(await text(page, ".figures"), /12,50 €/);
  await page.locator(".notice.good button").click();
  await page.getByText("Annulé : 12,50 €").waitFor();
  const ledger = await text(page, ".ledger");
  assert.match(ledger, /\+12,50 €/);
  assert.match(ledger, /−12,50 €/);
  assert.equal(await page.locator(".ledger button").count(), 0, "what is undone is not undone again");
  assert.match(await text(page, ".figures"), /Disponible 0,00 €/);
});

test("a member is blocked and let go on", async (t) => {
  const anna = await member("CB1", "Barbara");
  const page = await asStaff(t, "support", "pl");
  await page.goto(`${base}/admin/members/${anna}`);
  await page.locator("details.more summary").click();
  await page.getByRole("link", { name: "Zablokuj" }).click();
  await page.locator("#reason").fill("fałszywe zwroty");
  await page.locator("section#form button.pri").click();
  await page.locator(".notice.bad").waitFor();
  assert.match(await text(page, ".notice.bad"), /Blokada z dnia .+ \(Sophie Renard\): fałszywe zwroty/);
  await shot(page, "card blocked pl");
  await page.locator(".notice.good button").click();
  await page.getByText("konto odblokowane").waitFor();
  assert.equal(await page.locator(".notice.bad").count(), 0);
});

test("two cards become one, and one is erased", async (t) => {
  const stays = await member("CM1", "Marta"), goes = await member("CM2", "Martha");
  const page = await asStaff(t, "owner", "en", { expected: [422] });
  await page.goto(`${base}/admin/members/${stays}?do=merge&pick=CM2`);
  await page.locator("section#form .btn", { hasText: "See what will happen" }).click();
  await page.getByText("It cannot be undone").waitFor();
  await page.locator("#reason").fill("one person");
  await page.locator("section#form button.pri").click();
  await page.getByText("The two cards are one").waitFor();
  await page.goto(`${base}/admin/members/${goes}`);
  assert.match(await text(page), /This member was merged with Marta Carte/);
  for (const width of [1360, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await fits(page, `merged ${width}`);
    await accessible(page, `merged ${width}`);
  }
  await page.setViewportSize({ width: 1360, height: 900 });
  await page.goto(`${base}/admin/members/${stays}?tab=data&do=erase`);
  await page.locator("#name").fill("Martha");
  await page.locator("section#form button.danger").click();
  await page.locator("#name-wrong").waitFor();
  await page.locator("#name").fill("marta carte");
  await page.locator("section#form button.danger").click();
  await page.getByText("The personal data is erased").waitFor();
  assert.doesNotMatch(await text(page), /Marta|Carte|card\.example/);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `erased ${colorScheme}`);
    await shot(page, `card erased ${colorScheme}`);
  }
});

test("a referrer is found and set without a script", async (t) => {
  await member("CN1", "Nadia");
  const friend = await member("CN2", "Noé");
  const page = await asStaff(t, "support", "fr", { javaScriptEnabled: false });
  await page.goto(`${base}/admin/members/${friend}?tab=referrals&do=referrer`);
  await page.locator("#pick").fill("CN1@card.example");
  await page.locator("#pick").press("Enter");
  await page.locator("#picked label", { hasText: "Nadia Carte" }).waitFor();
  await page.locator("#reason").fill("dit au téléphone");
  await page.locator("section#form button.pri").click();
  await page.waitForURL(/tab=referrals$/);
  assert.match(await text(page), /Parrain Nadia Carte/);
});
