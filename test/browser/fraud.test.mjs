// What somebody does to be paid for nobody: he recommends himself in his own browser (F3), and he
// makes other people's browsers load his link without their knowing (F8).
import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";
import { browser, open, plain, signIn } from "./lib.mjs";
import { api, base, enrol, storefront } from "./shop.mjs";

const idOf = async (email) => (await api("live", "GET", `/v1/members?email=${encodeURIComponent(email)}`)).data[0].id;
const referralsOf = async (member) => (await api("live", "GET", `/v1/members/${member}/referrals`)).data;

/** agrees lets the storefront name a browser, as somebody does who says yes. */
async function agrees(page) {
  await page.goto(storefront);
  await page.locator("form.consent button[value=yes]").click();
  await page.locator("form.consent").waitFor({ state: "detached" });
}

/** follow goes from a member's page to the shop, by its buttons. */
async function follow(page) {
  await page.locator("form[action$='/coupon'] button").click();
  await page.locator("form[action$='/go'] button").click();
  await page.waitForURL(`${storefront}/**`);
}

async function register(page, email, name, code = "") {
  await page.goto(`${storefront}/account`);
  await page.locator("#email").fill(email);
  await page.locator("#name").fill(name);
  await page.locator("#code").fill(code);
  await page.locator("form[action='/account/register'] button").click();
  await page.locator("a[href='/wallet']").waitFor();
}

async function buy(page) {
  await page.goto(`${storefront}/articles/BEANS-1KG`);
  await page.locator("main form button").click();
  await page.goto(`${storefront}/checkout`);
  await page.locator("main form[action='/checkout'] button").click();
  await page.waitForURL(/\/orders\/[^/]+$/);
}

test("who recommends himself in his own browser gets nothing, and is not told why (F3)", async (t) => {
  const first = "tara@example.com", second = "tara.second@example.org";
  const page = await open(t);
  await agrees(page);
  await register(page, first, "Tara");
  const referrer = await idOf(first);
  const { code } = await api("live", "GET", `/v1/members/${referrer}/code`);
  await page.locator("form[action='/account/sign-out'] button").click();

  await page.goto(`${base}/i/${code}`); // his own link, in the same browser, signed in nowhere
  assert.match(await page.locator("h1").innerText(), /^Tara /);
  await follow(page);
  await register(page, second, "Tosia", code);
  const friend = await idOf(second);
  assert.notEqual(friend, referrer, "the second address is somebody of his own");
  await buy(page);

  // The order stands, and says nothing of what we think.
  const said = plain(await page.locator("main").innerText());
  assert.match(said, /24,90/);
  assert.match(said, /24 points/);
  assert.doesNotMatch(said, /appareil|fraude|abus|Tara|score/i);

  // Staff reads why.
  const { data } = await api("live", "GET", "/v1/referrals?state=flagged");
  const held = data.find((r) => r.friend === friend);
  assert.deepEqual([held?.referrer, held?.reason], [referrer, "SAME_DEVICE"]);

  // Neither has anything of it, and both read the same neutral sentence.
  for (const [email, who] of [[first, referrer], [second, friend]]) {
    const { units } = await api("live", "GET", `/v1/members/${who}/wallet`);
    assert.equal(units.find((u) => u.unit === "EUR")?.available ?? 0, 0, `${email} has money`);
    const own = await open(t);
    await signIn(own, email);
    let all = plain(await own.locator("main").innerText());
    for (const path of ["/history", "/friends"]) {
      await own.goto(base + path);
      all += plain(await own.locator("main").innerText());
    }
    assert.match(all, /Nous vérifions le parrainage/, `${email} reads that it is looked at`);
    assert.doesNotMatch(all, /appareil|fraude|abus|score|SAME_DEVICE/i, `${email} reads why`);
  }
  await api("live", "POST", `/v1/referrals/${held.id}/review`, { id: "review-tara", outcome: "refuse", actor: "eva", reason: "one person" });
  for (const who of [referrer, friend]) {
    const { units } = await api("live", "GET", `/v1/members/${who}/wallet`);
    const money = units.find((u) => u.unit === "EUR");
    assert.deepEqual([money?.available ?? 0, money?.pending ?? 0], [0, 0]);
  }
});

/** A browser with a screen: one without is taken for a machine, and counts nothing anyway. */
const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/** The ways in which a page loads an address that its reader does not see; each has to ask for it. */
const shapes = {
  img: (u) => `<img src="${u}" alt="">`,
  iframe: (u) => `<iframe src="${u}" hidden></iframe>`,
  script: (u) => `<script src="${u}"></script>`,
  "link prefetch": (u) => `<link rel="prefetch" href="${u}">`,
  prerender: (u) => `<script type="speculationrules">{"prerender":[{"source":"list","urls":["${u}"],"eagerness":"immediate"}],"prefetch":[{"source":"list","urls":["${u}"],"eagerness":"immediate"}]}</script>`,
  "css background": (u) => `<div style="width:9px;height:9px;background:url('${u}')"></div>`,
  object: (u) => `<object data="${u}" width="9" height="9"></object>`,
  video: (u) => `<video src="${u}" preload="auto"></video>`,
  "fetch no-cors": (u) => `<script>fetch("${u}",{mode:"no-cors",credentials:"include"}).catch(()=>{});fetch("${u}",{method:"POST",mode:"no-cors",credentials:"include",body:new URLSearchParams({v:"x"})}).catch(()=>{})</script>`,
  sendBeacon: (u) => `<script>navigator.sendBeacon("${u}",new URLSearchParams({v:"x"}))</script>`,
};

test("a link that is loaded behind somebody's back is nobody's recommendation (F8)", async (t) => {
  const code = await enrol("live", { number: "8101", email: "stuffer@example.com", first_name: "Viktor", locale: "fr" });
  const stuffer = await idOf("stuffer@example.com");
  const targets = [`${base}/i/${code}`, `${base}/i/${code}/go`, `${base}/i/${code}/seen`, `${base}/i/${code}/coupon`, `${storefront}/?cgr=${code}`,
    `${base}/e?site=demo&type=landing&code=${code}`, `${base}/join?r=${code}`];
  const server = http.createServer((q, s) => {
    const shape = shapes[decodeURIComponent(q.url.slice(1))];
    if (!shape) return s.writeHead(204).end();
    s.setHeader("Content-Type", "text/html").end(`<!doctype html><title>popular</title><body>${targets.map(shape).join("\n")}`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const { port } = server.address();

  const context = await (await browser()).newContext({ locale: "fr-FR", userAgent });
  t.after(() => context.close());
  const page = await context.newPage();
  await agrees(page); // the shop has named this browser: nothing is easier than to tie it to somebody
  const asked = {};
  let shape;
  const heard = (r) => { if (targets.some((u) => r.url() === u)) asked[shape] = (asked[shape] ?? 0) + 1; };
  context.on("request", heard);
  // A page of the same machine has the same cookies, whatever its port; another name has not.
  for (const host of ["127.0.0.1", "localhost"]) {
    for (shape of Object.keys(shapes)) {
      await page.goto(`http://${host}:${port}/${encodeURIComponent(shape)}`);
      await page.waitForLoadState("networkidle");
    }
  }
  context.off("request", heard);
  for (const name of Object.keys(shapes)) {
    if (name !== "prerender") assert.ok(asked[name] >= targets.length, `${name} asked ${asked[name]} times only`);
  }
  t.diagnostic(`loaded: ${JSON.stringify(asked)}`);

  await page.goto(storefront);
  await register(page, "victim@example.com", "Wanda");
  await buy(page);
  assert.deepEqual(await referralsOf(stuffer), [], "of all shapes none is a referral");
  const own = await open(t);
  await signIn(own, "stuffer@example.com");
  const counted = async () => {
    await own.goto(`${base}/friends`);
    return [await own.locator("main .rows > li").count(), await own.locator("main section.card > p:not(.empty)").count()];
  };
  assert.deepEqual(await counted(), [0, 0], "nobody came, nobody looked");

  // A browser of the same kind counts when its reader presses the button.
  const friend = await open(t, { userAgent });
  await friend.goto(`${base}/i/${code}`);
  await follow(friend);
  assert.equal((await referralsOf(stuffer)).length, 1, "a person who follows the link counts");
  assert.deepEqual(await counted(), [1, 1]);
});

test("one click of somebody who agreed is one visitor's", async (t) => {
  const code = await enrol("live", { number: "8102", email: "olaf@example.com", first_name: "Olaf", locale: "fr" });
  const page = await open(t);
  await agrees(page);
  const told = page.waitForRequest((r) => r.url() === `${base}/e` && /"landing"/.test(r.postData() ?? "") && /"visitor"/.test(r.postData()));
  await page.goto(`${storefront}/?cgr=${code}`);
  const { visitor } = JSON.parse((await told).postData());
  await page.waitForLoadState("networkidle");
  const named = (await page.context().cookies(storefront)).find((c) => c.name === "visitor").value;
  assert.equal(visitor, named, "the tracker and the shop call the browser the same");
  const list = await referralsOf(await idOf("olaf@example.com"));
  assert.equal(list.length, 1, JSON.stringify(list));
});
