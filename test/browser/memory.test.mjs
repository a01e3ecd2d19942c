// A browser that forgets: everything that it kept of a friend's click is gone on day 8, as Safari
// does it, and days truly pass on the clock of the twin. Code and e-mail still lead to the referrer.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { open, plain, signIn } from "./lib.mjs";
import { api, enrol, later, letter, twin } from "./shop.mjs";

const shop = `http://${process.env.CAGNOTTE_PAGES}`;
const origin = new URL(twin).origin;
let pages;

before(async () => {
  pages = http.createServer((q, s) => {
    if (q.url === "/favicon.ico") return s.writeHead(204).end();
    s.setHeader("Content-Type", "text/html").end(`<!doctype html><html lang="fr"><meta charset="utf-8"><title>Savon</title>
      <script defer src="${origin}/t.js" data-site="demo-test"></script><main><h1>Savon</h1></main>`);
  });
  await new Promise((done) => pages.listen(Number(new URL(shop).port), "127.0.0.1", done));
});
after(() => pages?.close());

/** told waits until the tracker has sent an event, and the server has answered. */
async function told(page, type, act) {
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.url() === `${origin}/e` && JSON.parse(r.request().postData() ?? "{}").type === type && (type !== "landing" || /"visitor"/.test(r.request().postData()))),
    act(),
  ]);
  return JSON.parse(answer.request().postData());
}

/** follows lets a friend come to the shop's page by a member's link, and agree to be remembered. */
async function follows(page, code) {
  const seen = await told(page, "landing", async () => {
    await page.goto(`${shop}/?cgr=${code}`);
    await page.evaluate(() => window.cagnotte("consent", { granted: true }));
  });
  assert.equal(seen.code, code);
  const { origins } = await page.context().storageState();
  assert.equal(origins.length, 1, "the browser remembers");
}

/** wiped takes away everything that the browser keeps. */
async function wiped(page) {
  await page.context().clearCookies();
  await page.evaluate(() => { localStorage.clear(); sessionStorage.clear(); });
  const { cookies, origins } = await page.context().storageState();
  assert.deepEqual([cookies, origins], [[], []]);
}

/** thanks is the page that thanks for an order: what the tracker says there names nobody by now. */
async function thanks(page, ref) {
  await page.goto(`${shop}/thanks`);
  const seen = await told(page, "order", () => page.evaluate((id) => window.cagnotte("order", { id, total: 49.8, currency: "EUR" }), ref));
  assert.deepEqual([seen.visitor, seen.code], [undefined, undefined], "nothing is left of the click");
}

const lines = [{ sku: "BEANS-1KG", quantity: 2, amount: 4980 }];

async function money(member) {
  const { units } = await api("test", "GET", `/v1/members/${member}/wallet`);
  const { available = 0, pending = 0 } = units.find((u) => u.unit === "EUR") ?? {};
  return [available, pending];
}

const idOf = async (number) => (await api("test", "GET", `/v1/members?number=${number}`)).data[0].id;

test("on day 8 the browser has forgotten: the code that is typed leads to the referrer", async (t) => {
  const code = await enrol("test", { number: "7151", email: "ida@example.com", first_name: "Ida", locale: "fr" });
  const ida = await idOf("7151");
  const friend = await open(t);
  await follows(friend, code);
  const { now } = await api("test", "GET", "/v1/shop");
  await wiped(friend);
  await later(8);
  assert.equal(Date.parse((await api("test", "GET", "/v1/shop")).now) >= Date.parse(now) + 8 * 86_400_000, true, "days have passed");

  // Without anything he is nobody's friend: the browser has truly forgotten.
  await thanks(friend, "M0");
  await api("test", "POST", "/v1/orders", { series: "web", ref: "M0", currency: "EUR", member: { email: "nobodys@example.com" }, lines });
  assert.deepEqual(await money(ida), [0, 0]);

  await thanks(friend, "M1");
  await api("test", "POST", "/v1/orders", { series: "web", ref: "M1", currency: "EUR", member: { email: "otto@example.com" }, referrer: { code }, touch: "code", lines });
  assert.deepEqual(await money(ida), [0, 1000], "it waits");
  await later(15);
  assert.deepEqual(await money(ida), [1000, 0]);
  const hers = await open(t);
  await signIn(hers, "ida@example.com", twin);
  assert.match(plain(await hers.locator("section.purse").filter({ hasText: "€" }).innerText()), /10,00 €/);
});

test("on day 8 the browser has forgotten: the address that was invited leads to the referrer", async (t) => {
  await enrol("test", { number: "7152", email: "uma@example.com", first_name: "Uma", locale: "fr" });
  const uma = await idOf("7152");
  const hers = await open(t);
  await signIn(hers, "uma@example.com", twin);
  await hers.goto(`${twin}/invite`);
  await hers.locator("#addresses").fill("zeno@example.com");
  await hers.locator("#agreed").check();
  const text = await letter("zeno@example.com", "invitation", "demo-test", async () => {
    await hers.locator("main form button").click();
    await hers.locator("[role=status] a").waitFor();
  });
  const friend = await open(t);
  await friend.goto(text.match(/https?:\S+\/i\/[^\s>]+/)[0]);
  assert.match(await friend.locator("h1").innerText(), /^Uma /);
  const { code } = await api("test", "GET", `/v1/members/${uma}/code`);
  await follows(friend, code);
  await wiped(friend);
  await later(8);
  await thanks(friend, "M2");
  await api("test", "POST", "/v1/orders", { series: "web", ref: "M2", currency: "EUR", member: { email: "zeno@example.com" }, lines });
  assert.deepEqual(await money(uma), [0, 1000], "it waits");
  await later(15);
  assert.deepEqual(await money(uma), [1000, 0]);
});
