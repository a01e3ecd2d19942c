// The way of a recommendation, in the browsers of two people, on the twin, whose clock is
// moved: what one does is seen by the other, and a return takes it back.
import assert from "node:assert/strict";
import test from "node:test";
import { open, plain, send, shot, signIn } from "./lib.mjs";
import { api, enrol, entry, later, twin } from "./shop.mjs";

/** purse is what the wallet of a page says of money. */
async function purse(page) {
  await page.goto(twin);
  return plain(await page.locator("section.purse").filter({ hasText: "€" }).innerText());
}

test("a recommendation is rewarded on both sides, and a return takes it back", async (t) => {
  const ewa = { number: "7001", email: "ewa@example.com", first_name: "Ewa", locale: "fr" };
  await enrol("test", ewa);
  const hers = await open(t);
  await signIn(hers, ewa.email, twin);
  await hers.goto(`${twin}/share`);
  const link = await hers.locator("#link").inputValue();
  const code = await hers.locator("main section p b").first().innerText();
  assert.ok(link.startsWith(`${twin}/`) && link.endsWith(`/${code}`), `${link} leads to ${code}`);

  const his = await open(t);
  await his.goto(link);
  assert.match(await his.locator("h1").innerText(), /^Ewa /);
  await his.locator(`main a[href*="/join?r=${code}"]`).click();
  await his.locator("#first_name").fill("Jan");
  await his.locator("#email").fill("jan@example.com");
  await his.locator("#terms").check();
  await send(his, "jan@example.com", twin);
  assert.match(await purse(his), /2,00 €/, "the friend's welcome");
  assert.match(await purse(hers), /1,00 €/, "what a friend who joins is worth");

  const lines = [{ sku: "BEANS-1KG", quantity: 2, amount: 4980 }];
  await api("test", "POST", "/v1/orders", { series: "web", ref: "B1", currency: "EUR", member: { email: "jan@example.com" }, lines });
  assert.match(await purse(hers), /1,00 €.*\+ 10,00 € le .+, si la commande est conservée/, "hers waits");
  assert.match(await purse(his), /2,00 €.*\+ 5,00 €/, "his waits");

  await later(15);
  assert.match(await purse(hers), /11,00 €/, "hers is open");
  assert.match(await purse(his), /7,00 €/, "his is open");
  await shot(hers, "journey-reward");

  await api("test", "POST", "/v1/refunds", { id: "return-B1", series: "web", ref: "B1" });
  assert.match(await purse(hers), /1,00 €/);
  assert.doesNotMatch(await purse(hers), /11,00 €/, "hers is taken back");
  assert.doesNotMatch(await purse(his), /7,00 €/, "his is taken back");
  for (const [page, said] of [[hers, /repris 10,00 €/], [his, /repris 5,00 €/]]) {
    await page.goto(`${twin}/history`);
    const history = plain(await page.locator("main").innerText());
    assert.match(history, said);
    if (page === hers) assert.doesNotMatch(history, /Jan|retour/, "what a friend buys and returns is his own affair");
  }
  await shot(hers, "journey-taken-back");
});

test("a gift is asked for once, with the secret number", async (t) => {
  const iga = { number: "7002", email: "iga@example.com", first_name: "Iga", locale: "pl" };
  await enrol("test", iga);
  await api("test", "POST", "/v1/orders", { series: "web", ref: "C1", currency: "EUR", member: { number: iga.number }, lines: [{ sku: "MUG", amount: 3000 }] });
  const page = await open(t, { expected: [422] });
  await signIn(page, iga.email, twin);
  await page.goto(`${twin}/gifts/TASSE`);
  await page.locator("main a[href$='/profile/pin']").click();
  for (const name of ["pin", "again"]) await page.locator(`#${name}`).fill("2580");
  await page.locator("main form button").click();
  await page.waitForURL(/\/profile$/);
  await page.goto(`${twin}/gifts/TASSE`);
  const ask = async () => {
    if (await page.locator("#pin").count()) await page.locator("#pin").fill("2580");
    await page.locator("main form button").click();
  };
  await ask();
  assert.equal(await page.locator("[role=alert] a").count(), 1, "an address is wanted");
  for (const [name, value] of [["street", "Kwiatowa 1"], ["postal_code", "00-950"], ["city", "Warszawa"]]) await page.locator(`#${name}`).fill(value);
  await ask();
  await page.locator("[role=alert]").waitFor({ state: "detached" });
  await page.reload(); // the same form once more is the same claim
  await page.goto(`${twin}/gifts`);
  assert.equal(await page.locator("main section.card li").count(), 1, "one claim");
  await page.goto(twin);
  assert.match(plain(await page.locator("section.purse").first().innerText()), /10 punktów/, "20 of 30 points are spent, once");
});

test("a letter's link lets in only after its button is pressed, and once", async (t) => {
  const address = "lea@example.com";
  await enrol("test", { number: "7003", email: address, first_name: "Léa", locale: "fr" });
  const page = await open(t, { expected: [422] });
  await page.goto(`${twin}/sign-in`);
  await page.locator("#email").fill(address);
  const { link } = await entry(address, "demo-test", async () => {
    await page.locator("main form button").click();
    await page.waitForURL(/\/sign-in\/code$/);
  });
  const scanner = await open(t);
  for (let n = 0; n < 5; n++) await scanner.goto(link);
  await page.goto(link);
  await page.locator("main form button").click();
  await page.locator("a.me").waitFor();
  await page.context().clearCookies();
  await page.goto(link);
  await page.locator("main form button").click();
  await page.locator("[role=alert]").waitFor();
});
