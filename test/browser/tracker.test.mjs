// The tracker and the widget in a browser, on the pages of a shop that does everything to
// break them: a strict policy, style sheets that reach everywhere, patched and frozen
// globals, blocked storage. The shop is the demo shop; its portal lists these pages while the
// tests run. CAGNOTTE_SHOTS, when given, is a folder for pictures of the widget.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import http from "node:http";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { api, base } from "./shop.mjs";

const shots = process.env.CAGNOTTE_SHOTS;
const policy = `default-src 'self'; script-src 'self' ${base}; connect-src ${base}; style-src 'self'; img-src 'self' data:`;
const hostile = "*{font-size:44px!important;color:red!important;margin:40px!important;letter-spacing:9px!important} div,button{display:none!important} body{background:#eee}";

// What a page does before the tracker comes, by its path below /h/.
const attacks = {
  fetch: "window.fetch=()=>{throw new Error('patched')};navigator.sendBeacon=()=>{throw new Error('patched')}",
  beacon: "navigator.sendBeacon=undefined;window.fetch=undefined",
  storage: "Object.defineProperty(window,'localStorage',{get(){throw new Error('blocked')}})",
  frozen: "for(const x of [Object,Array,String,Promise,URL,Function])Object.freeze(x.prototype);Object.freeze(history);Object.freeze(window.dataLayer=[])",
  history: "history.replaceState=()=>{throw new Error('patched')}",
  layer: "window.dataLayer=7;window._paq='x';window.analytics={on(){throw new Error('no')}};window.cagnotte=null",
  json: "JSON.parse=()=>{throw new Error('patched')}",
  crypto: "crypto.getRandomValues=()=>{throw new Error('patched')}",
  own: "Object.defineProperty(window,'cagnotte',{value:1})",
};

// listen starts a server on a free port, and gives its origin.
const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(`http://127.0.0.1:${server.address().port}`)));

// signOn makes the token by which the shop's server names an account of its own.
const signOn = (secret, audience, account) => {
  const part = (x) => Buffer.from(JSON.stringify(x)).toString("base64url");
  const text = part({ alg: "HS256", typ: "JWT" }) + "." + part({ aud: audience, sub: account, jti: randomUUID(), exp: Math.floor(Date.now() / 1000) + 240 });
  return text + "." + createHmac("sha256", secret).update(text).digest("base64url");
};

let pages, blackHat, browser, shop, other, site, token, look;
before(async () => {
  pages = http.createServer((q, s) => {
    const at = new URL(q.url, "http://shop"), consent = at.searchParams.get("consent");
    s.setHeader("Content-Security-Policy", policy);
    if (at.pathname === "/x.css") return s.setHeader("Content-Type", "text/css").end(hostile);
    if (at.pathname === "/favicon.ico") return s.writeHead(204).end();
    if (at.pathname.startsWith("/attack/")) return s.setHeader("Content-Type", "text/javascript").end(attacks[at.pathname.slice(8)] || "");
    if (at.pathname === "/ga4.js") {
      return s.setHeader("Content-Type", "text/javascript").end("window.dataLayer=window.dataLayer||[];dataLayer.push({event:'purchase',ecommerce:{transaction_id:'G1',value:84.9,currency:'EUR'}})");
    }
    const attack = at.pathname.startsWith("/h/") ? `<script src="/attack/${at.pathname.slice(3)}"></script>` : "";
    s.setHeader("Content-Type", "text/html").end(`<!doctype html><html lang="${at.searchParams.get("lang") || "fr"}"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width"><title>Savon</title>${at.pathname === "/plain" ? "" : '<link rel="stylesheet" href="/x.css">'}${attack}
      ${at.pathname === "/ga4" ? '<script src="/ga4.js"></script>' : ""}
      <script async src="${base}/t.js" data-site="${site}"${consent ? ` data-consent="${consent}"` : ""}></script><script async src="${base}/w.js"></script></head>
      <body><main><h1>Savon</h1><a id="next" href="/next">Suite</a></main>
      <cagnotte-widget site="${site}"${at.searchParams.has("member") ? ` token="${token}"` : ""}></cagnotte-widget></body></html>`);
  });
  shop = await listen(pages);
  blackHat = http.createServer((q, s) => s.setHeader("Content-Type", "text/html").end(
    `<!doctype html><title>Popular</title><iframe src="${shop}/?cgr=STUFFED22&consent=service" hidden></iframe><img src="${shop}/?cgr=STUFFED22" alt="">
     <iframe src="${base}/e" hidden></iframe><img src="${base}/e?site=${site}&type=landing&code=STUFFED22" alt="">
     <form action="${base}/e" method="post" enctype="text/plain" target="f"><input name='{"site":"${site}","type":"landing","code":"STUFFED22","ref":"' value='"}'></form>
     <iframe name="f" hidden></iframe><script>document.forms[0].submit()</script>`));
  other = await listen(blackHat);
  site = (await api("live", "GET", "/v1/shop")).slug;
  const { sign_on_secret, ...portal } = (look = await api("live", "GET", "/v1/portal"));
  await api("live", "PUT", "/v1/portal", { ...portal, hosts: [...portal.hosts, new URL(shop).host] });
  const { data: [member] } = await api("live", "GET", "/v1/members?email=member1@example.com");
  token = signOn(sign_on_secret, site, member.external_ids[0]);
  browser = await chromium.connect(process.env.CAGNOTTE_BROWSER);
});
after(async () => {
  await browser?.close();
  if (look) await api("live", "PUT", "/v1/portal", (({ sign_on_secret, ...portal }) => portal)(look));
  pages?.close();
  blackHat?.close();
});

// visit opens a page, and gathers what goes wrong in it and what it sends.
const visit = async (path, how = {}) => {
  const { widget = true, ...context } = how, c = await browser.newContext({ viewport: { width: 1100, height: 760 }, ...context }), p = await c.newPage(), wrong = [], sent = [];
  p.on("console", (m) => m.type() === "error" && wrong.push(m.text()));
  p.on("pageerror", (e) => wrong.push(e.message));
  c.on("request", (r) => r.url() === base + "/e" && r.method() === "POST" && sent.push(JSON.parse(r.postData() || "{}")));
  const scripts = p.waitForResponse((r) => r.url() === base + "/t.js");
  await p.goto(path.startsWith("http") ? path : shop + path);
  if (!path.startsWith("http")) await scripts;
  if (widget) await p.locator("cagnotte-widget .l").waitFor();
  return { c, p, wrong, sent };
};
// told waits until an event of a type was sent.
const told = async ({ p, sent }, type) => {
  while (!sent.some((e) => e.type === type)) await p.waitForEvent("request", { timeout: 5000 }).catch(() => assert.fail(`no ${type} among ${JSON.stringify(sent)}`));
  return sent.findLast((e) => e.type === type);
};
const kept = (c) => c.storageState();
const say = (p, ...a) => p.evaluate((x) => window.cagnotte(...x), a);

test("before a yes nothing is kept, and the code goes along in links (D5)", async () => {
  const v = await visit("/?cgr=FRIEND22&utm=1");
  const e = await told(v, "landing");
  assert.deepEqual([e.code, e.visitor, e.consent], ["FRIEND22", undefined, undefined]);
  assert.equal(v.p.url(), shop + "/?utm=1");
  await say(v.p, "order", { id: "A1", total: 84.9, currency: "EUR" });
  const o = await told(v, "order");
  assert.deepEqual([o.ref, o.total, o.code, o.visitor], ["A1", "84.9", "FRIEND22", undefined]);
  await v.p.evaluate(() => document.getElementById("next").click());
  await v.p.waitForURL(shop + "/next");
  assert.equal(v.sent.filter((x) => x.type === "landing").length >= 1, true);
  assert.deepEqual(await kept(v.c), { cookies: [], origins: [] });
  assert.deepEqual(v.wrong, []);
});

test("after a yes the first code is kept to the order, and forgotten after a no", async () => {
  const v = await visit("/?cgr=FRIEND22");
  await say(v.p, "consent", { granted: true });
  await told(v, "landing");
  await v.p.goto(shop + "/?cgr=LATER2345");
  await v.p.locator("cagnotte-widget .l").waitFor();
  await say(v.p, "consent", { granted: true });
  await say(v.p, "order", { id: "A2", total: "10" });
  const o = await told(v, "order"), named = v.sent.find((x) => x.visitor);
  assert.equal(o.code, "FRIEND22");
  assert.match(o.visitor, /^[0-9a-z]{16,40}$/);
  assert.equal(named.visitor, o.visitor);
  assert.equal((await kept(v.c)).cookies.length, 0);
  assert.equal((await kept(v.c)).origins.length, 1);
  await say(v.p, "consent", { granted: false });
  assert.deepEqual((await kept(v.c)).origins, []);
  await say(v.p, "order", { id: "A3" });
  assert.equal((await told(v, "order")).visitor, undefined);
  assert.deepEqual(v.wrong, []);
});

test("what the shop tells its statistics is read", async () => {
  const v = await visit("/ga4?consent=service");
  assert.deepEqual([(await told(v, "order")).ref, v.sent[0].total, v.sent[0].source], ["G1", "84.9", "ga4"]);
  await v.p.evaluate(() => {
    (function gtag() { window.dataLayer.push(arguments); })("event", "refund", { transaction_id: "G1", value: 84.9, currency: "EUR" });
    window._paq.push(["addEcommerceItem", "SOAP", "Savon", "", 10, 1], ["trackEcommerceOrder", "M1", 12.5, 10, 2, 0.5, 0]);
    window.dataLayer.push({ event: "add_to_cart", ecommerce: { value: 5, currency: "EUR" } }, { event: "other" }, null);
  });
  assert.deepEqual([(await told(v, "refund")).ref, (await told(v, "cart")).total], ["G1", "5"]);
  assert.deepEqual(v.sent.filter((e) => e.source === "matomo").map((e) => [e.type, e.ref, e.total]), [["order", "M1", "12.5"]]);
  await v.c.close();
});

test("Segment is read before and after it has loaded", async () => {
  const c = await browser.newContext(), p = await c.newPage(), sent = [];
  c.on("request", (r) => r.url() === base + "/e" && sent.push(JSON.parse(r.postData())));
  await p.addInitScript(() => { window.analytics = Object.assign([["track", "Order Completed", { order_id: "S1", total: 20, currency: "EUR" }]], {}); });
  await p.goto(shop + "/");
  await p.locator("cagnotte-widget .l").waitFor();
  await p.evaluate(() => window.analytics.push(["track", "Order Refunded", { order_id: "S1", total: 20 }]));
  assert.deepEqual(sent.map((e) => [e.type, e.ref, e.source]), [["order", "S1", "segment"], ["refund", "S1", "segment"]]);
});

for (const name of Object.keys(attacks)) {
  test(`a hostile page is not disturbed: ${name} (P14)`, async () => {
    const v = await visit(`/h/${name}?cgr=FRIEND22&consent=service`, { widget: name !== "beacon" && name !== "fetch" });
    await v.p.evaluate(() => { try { window.cagnotte("order", { id: "H1", total: 1 }); window.cagnotte(); window.cagnotte("consent"); } catch (e) { if (typeof window.cagnotte === "function") throw e; } });
    assert.deepEqual(v.wrong, []);
    await v.c.close();
  });
}

test("a blocked server leaves the page as it is", async () => {
  const c = await browser.newContext(), p = await c.newPage(), wrong = [];
  p.on("pageerror", (e) => wrong.push(e.message));
  await p.route(base + "/**", (r) => r.abort());
  await p.goto(shop + "/?cgr=FRIEND22");
  assert.deepEqual(wrong, []);
  assert.equal(await p.locator("h1").textContent(), "Savon");
});

test("pages within other pages are not heard (F8)", async () => {
  const v = await visit(other + "/", { widget: false });
  await v.p.waitForLoadState("networkidle");
  assert.ok(v.sent.length <= 1 && !v.sent.some((e) => e.visitor), JSON.stringify(v.sent)); // its own form at most, which the server drops
  for (const f of v.p.frames().slice(1)) assert.equal(await f.evaluate(() => typeof window.cagnotte).catch(() => "undefined"), "undefined");
});

test("the widget opens and closes, whatever the shop's style sheet says", async () => {
  const v = await visit("/"), w = v.p.locator("cagnotte-widget");
  assert.equal(await w.locator(".p").count(), 0);
  await w.locator(".l").focus();
  await v.p.keyboard.press("Enter");
  assert.equal(await w.locator("h2").evaluate((e) => e.getRootNode().activeElement === e), true);
  for (const [q, px] of [["h2", "19px"], ["p", "15px"], [".c", "15px"]]) assert.equal(await w.locator(q).first().evaluate((e) => getComputedStyle(e).fontSize), px);
  assert.ok((await w.locator(".p").boundingBox()).width <= 350);
  assert.equal(await w.locator(".p").getAttribute("lang"), "fr");
  await v.p.keyboard.press("Escape");
  assert.equal(await w.locator(".p").isVisible(), false);
  assert.equal(await w.locator(".l").evaluate((e) => e.getRootNode().activeElement === e), true);
  await v.p.keyboard.press("Enter");
  await w.locator(".x").click();
  assert.equal(await w.locator(".p").isVisible(), false);
  assert.deepEqual(v.wrong, []);
});

for (const [name, how] of Object.entries({
  light: { viewport: { width: 1100, height: 760 } }, dark: { viewport: { width: 1100, height: 760 }, colorScheme: "dark" },
  phone: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
})) {
  test(`the widget fits: ${name}`, async () => {
    for (const lang of ["fr", "pl"]) {
      const v = await visit(`/plain?member=1&lang=${lang}`, how), w = v.p.locator("cagnotte-widget");
      if (shots) await v.p.screenshot({ path: `${shots}/widget-${name}-${lang}-closed.png` });
      await w.locator(".l").click();
      await w.locator(".p").evaluate((e) => Promise.all(e.getAnimations().map((a) => a.finished)));
      const b = await w.locator(".p").boundingBox();
      assert.ok(b.x >= 0 && b.y >= 0 && b.x + b.width <= how.viewport.width && b.y + b.height <= how.viewport.height, JSON.stringify(b));
      assert.ok(await w.locator(".p").evaluate((e) => e.scrollWidth <= e.clientWidth), "it scrolls sideways");
      for (const x of await w.locator(".p button, .p a").all()) assert.ok((await x.boundingBox()).height >= 44, await x.textContent());
      if (shots) await v.p.screenshot({ path: `${shots}/widget-${name}-${lang}.png` });
      await v.c.close();
    }
  });
}

test("a member finds his link, copies it and may send it", async () => {
  const v = await visit("/?member=1", { permissions: ["clipboard-read", "clipboard-write"] }), w = v.p.locator("cagnotte-widget");
  await w.locator(".l").click();
  const link = await w.locator(".k input").inputValue();
  assert.match(link, /\/i\/[0-9A-Z]+$/);
  await w.locator(".k button").click();
  await w.locator('[role=status]:not(:empty)').waitFor({ state: "attached" });
  assert.equal(await v.p.evaluate(() => navigator.clipboard.readText()), link);
  assert.ok((await w.getByRole("link", { name: "WhatsApp" }).getAttribute("href")).endsWith(encodeURIComponent(link)));
  assert.equal(v.sent.some((e) => e.token), false, "who is signed in was told before a yes");
  await say(v.p, "consent", { granted: true });
  assert.equal((await told(v, "identify")).token, token);
  assert.deepEqual(v.wrong, []);
});

test("axe finds nothing in the open widget", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const v = await visit("/plain?member=1", { bypassCSP: true, colorScheme });
    await v.p.locator("cagnotte-widget .l").click();
    await v.p.locator("cagnotte-widget .p").evaluate((e) => Promise.all(e.getAnimations().map((a) => a.finished)));
    await v.p.evaluate(axe.source);
    const found = await v.p.evaluate(async () => (await window.axe.run("cagnotte-widget", { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] })).violations.map((x) => x.id + " " + x.nodes[0].html));
    assert.deepEqual(found, []);
    await v.c.close();
  }
});
