// The way of a friend through a shop that is connected as docs/integrate.md says: his browser
// may keep what it was sent, refuse it, or lose it.
import assert from "node:assert/strict";
import test from "node:test";
import { accessible, fits, open, plain, shot, signIn } from "./lib.mjs";
import { base, enrol, letter, storefront } from "./shop.mjs";

/** referrer makes a member, and opens his wallet in a browser of his own. */
async function referrer(t, number, first_name) {
  const email = `${first_name.toLowerCase()}@example.com`;
  const code = await enrol("live", { number, email, first_name, locale: "fr" });
  const page = await open(t);
  await signIn(page, email);
  return { page, code, email };
}

const wallet = async (page) => {
  await page.goto(base);
  return plain(await page.locator("main").innerText());
};

async function order(page, { email, name, code }) {
  await page.goto(`${storefront}/articles/BEANS-1KG`);
  await page.locator("main form button").click();
  await page.goto(`${storefront}/checkout`);
  await page.locator("#email").fill(email);
  await page.locator("#name").fill(name);
  if (code) await page.locator("#code").fill(code);
  await page.locator("main form[action='/checkout'] button").click();
  await page.waitForURL(/\/orders\/[^/]+$/);
}

const waits = /\+ 10,00 € le .+, si la commande est conservée/;

test("consent given: the link is remembered to the order, and a return takes everything back", async (t) => {
  const { page, code } = await referrer(t, "8001", "Olga");
  const friend = await open(t);
  await friend.goto(`${base}/i/${code}`);
  assert.match(await friend.locator("h1").innerText(), /^Olga /);
  await friend.locator("form[action$='/coupon'] button").click();
  assert.match(await friend.locator(".ticket b").innerText(), /\w/, "the coupon is there without an address");
  await friend.locator("form[action$='/go'] button").click();
  await friend.waitForURL(`${storefront}/**`);
  await friend.locator("form.consent button[value=yes]").click();
  await friend.locator("form.consent").waitFor({ state: "detached" });
  await order(friend, { email: "paul@example.com", name: "Paul" });
  await shot(friend, "storefront-order");
  assert.match(await wallet(page), waits);
  await page.goto(`${base}/friends`);
  assert.doesNotMatch(plain(await page.locator("main").innerText()), /BEANS|24,90/, "what a friend buys is his own affair");
  await friend.locator("form[action$='/returns'] button").click();
  await friend.locator("main em").waitFor();
  assert.doesNotMatch(await wallet(page), waits);
});

test("consent refused, storage deleted: the code that is typed at the checkout counts", async (t) => {
  const { page, code } = await referrer(t, "8002", "Nora");
  const friend = await open(t);
  await friend.goto(`${storefront}/?cgr=${code}`);
  await friend.locator("form.consent button[value=no]").click();
  await friend.waitForLoadState();
  const { origins } = await friend.context().storageState();
  assert.deepEqual(origins, [], "a no keeps nothing");
  await friend.context().clearCookies();
  await friend.evaluate(() => localStorage.clear());
  await order(friend, { email: "luc@example.com", name: "Luc", code });
  assert.match(await wallet(page), waits);
});

test("an invitation by e-mail counts without any cookie, and can be stopped", async (t) => {
  const { page } = await referrer(t, "8003", "Rita");
  await page.goto(`${base}/invite`);
  await page.locator("#addresses").fill("zoe@example.com");
  await page.locator("#agreed").check();
  const text = await letter("zoe@example.com", "invitation", "demo", async () => {
    await page.locator("main form button").click();
    await page.locator("[role=status] a").waitFor();
  });
  assert.match(text, /Rita/);
  const friend = await open(t);
  await order(friend, { email: "zoe@example.com", name: "Zoé" });
  assert.match(await wallet(page), waits);

  const stop = text.match(/https?:\S+\/stop\/[^\s>]+/)[0];
  for (const language of ["pl", "en", "fr"]) {
    await friend.goto(`${base}/language/${language}`);
    await friend.goto(stop);
    for (const width of [390, 320]) {
      await friend.setViewportSize({ width, height: 844 });
      await fits(friend, `stop ${language} ${width}`);
      await accessible(friend, `stop ${language} ${width}`);
    }
  }
  await friend.locator("main form button").click();
  await friend.locator("main [role=status]").waitFor();
});

test("nobody recommends himself in his own browser", async (t) => {
  const { page, code, email } = await referrer(t, "8004", "Sara");
  await page.goto(`${base}/i/${code}`);
  await page.locator("main a[href='/share']").waitFor();
  assert.equal(await page.locator("main form").count(), 0, "his own page offers him nothing");
  await page.goto(`${storefront}/?cgr=${code}`);
  await page.locator("form.consent button[value=yes]").click();
  await page.locator("form.consent").waitFor({ state: "detached" });
  await order(page, { email, name: "Sara", code });
  const said = await wallet(page);
  assert.match(said, /points/, "the order itself counts");
  assert.doesNotMatch(said, /€ le|5,00 €|10,00 €/, "as a recommendation it does not");
});
