// How heavy pages are and how soon they stand, on a phone.
import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";
import { phone } from "./lib.mjs";
import { base } from "./shop.mjs";
import { as, pages } from "./table.mjs";

const usual = 25_000; // bytes at most as they travel: the page, its style sheets, its scripts; pictures are not counted
const soon = 1_500; // milliseconds to the largest paint

/** sent is how many bytes an answer has on its way. */
function sent(address, cookie) {
  return new Promise((resolve, reject) => {
    http.get(address, { headers: { "accept-encoding": "gzip", cookie } }, (answer) => {
      let bytes = 0;
      answer.on("data", (b) => { bytes += b.length; });
      answer.on("end", () => (answer.statusCode === 200 ? resolve(bytes) : reject(new Error(`${address}: ${answer.statusCode}`))));
    }).on("error", reject);
  });
}

for (const { path, shown, who, most = usual } of pages.filter((p) => !p.status)) {
  test(`${shown} as ${who} weighs at most ${most} bytes`, async (t) => {
    const page = await as(t, who, "fr");
    await page.goto(base + path);
    const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
    const parts = await page.locator("link[rel=stylesheet], script[src]").evaluateAll((all) => all.map((e) => e.src ?? e.href));
    const weights = [];
    for (const address of new Set([page.url(), ...parts])) weights.push([new URL(address).pathname, await sent(address, cookie)]);
    const sum = weights.reduce((n, [, b]) => n + b, 0);
    t.diagnostic(`${sum} bytes: ${weights.map((w) => w.join(" ")).join(", ")}`);
    assert.ok(weights.length >= 3, "a page has a style sheet and a script");
    assert.ok(sum <= most, `${sum} bytes: ${JSON.stringify(weights)}`);
  });
}

// A phone four times slower than this machine, on a slow 4G: 1.6 megabits per second, and 150
// milliseconds before every answer begins. The machine has others to serve: the best of three.
for (const { path, shown, who } of pages.filter((p) => ["/", "/share", "/gifts"].includes(p.shown) || p.most)) {
  test(`${shown} as ${who} stands within ${soon} ms`, async (t) => {
    const page = await as(t, who, "fr", phone);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
    await devtools.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 });
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    const times = [];
    for (let n = 0; n < 3; n++) {
      await page.goto("about:blank");
      await page.goto(base + path);
      times.push(await page.evaluate(() => new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(Math.round(list.getEntries().at(-1).startTime))).observe({ type: "largest-contentful-paint", buffered: true });
      })));
    }
    t.diagnostic(`${times.join(", ")} ms`);
    assert.ok(Math.min(...times) <= soon, `${times.join(", ")} ms`);
  });
}
