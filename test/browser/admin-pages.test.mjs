// Every screen of the back office, in each language, light and dark, on a desk, a phone and the
// narrowest screen: axe finds nothing, nothing is too wide, and what is written is whole.
import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { asStaff, filled, table } from "./admin-lib.mjs";
import { accessible, fits, shot } from "./lib.mjs";
import { base } from "./shop.mjs";
import { languages } from "./table.mjs";

/** whole looks at the document as it was sent, before any script. */
async function whole(page, answer, language) {
  const found = await page.evaluate(() => ({
    inline: [...document.querySelectorAll("*")].flatMap((e) => [...e.attributes].filter((a) => a.name.startsWith("on")).map((a) => `${e.localName} ${a.name}`)),
    ones: ["h1", "main", "head > title"].map((x) => document.querySelectorAll(x).length),
    language: document.documentElement.lang, title: document.title, keys: document.body.innerText.match(/\b(admin|problem|receipt)\.[a-z_]+/g),
    ids: [...document.querySelectorAll("[id]")].map((e) => e.id).filter((x, i, all) => all.indexOf(x) !== i),
  }));
  assert.doesNotMatch(await answer.text(), / style="|<style|<script(?![^>]* src=)/, "style and script in the document itself");
  assert.deepEqual(found.inline, []);
  assert.deepEqual(found.ones, [1, 1, 1], "h1, main and title are there once");
  assert.equal(found.language, language);
  assert.match(found.title, /\S · \S/);
  assert.equal(found.keys, null, "words that are missing");
  assert.deepEqual(found.ids, [], "ids that are there twice");
}

for (const language of Object.keys(languages)) {
  for (const who of new Set(table.pages.map((p) => p.who))) {
    test(`${language}, nothing that ${who} sees in the back office complains`, async (t) => {
      const page = await asStaff(t, who, language, { expected: [404, 422] }); // the table says which page answers so
      for (const p of table.pages.filter((p) => p.who === who)) {
        await t.test(`${language} ${p.path} as ${who}`, () => looked(page, language, p));
      }
    });
  }
}

/**
 * looks are the themes and widths in which a screen is looked at: all of them in one language, in the
 * others the widest in light and the narrowest in dark, since only the words differ. make prove
 * looks at all of them in all languages.
 */
function looks(language) {
  const every = ["light", "dark"].flatMap((theme) => [1360, 390, 320].map((width) => [theme, width]));
  return language === "pl" || process.env.CAGNOTTE_PROVE ? every : [every[0], every[5]];
}

async function looked(page, language, { path: pattern, who, status = 200 }) {
  const path = await filled(page, pattern);
  const answer = await page.goto(base + path);
  assert.equal(answer.status(), status);
  assert.equal(new URL(page.url()).pathname, path.split("?")[0], "the page itself answers");
  await whole(page, answer, language);
  for (const [colorScheme, width] of looks(language)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const when = `${pattern} ${who} ${language} ${colorScheme} ${width}`;
    await fits(page, when);
    await accessible(page, when);
    await shot(page, `admin ${when}`);
  }
  await page.setViewportSize({ width: 1360, height: 900 });
}

test("what the back office sends is small", async (t) => {
  const page = await asStaff(t, "owner");
  const size = async (at) => { // as it goes over the wire
    const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
    const answer = await fetch(base + at, { headers: { "accept-encoding": "gzip", cookie } });
    const body = Buffer.from(await answer.arrayBuffer()); // fetch has opened it already
    return { zipped: gzipSync(body).length };
  };
  await page.goto(`${base}/admin/members`);
  const [css, scripts] = await page.evaluate(() => [document.querySelector("link[rel=stylesheet]").href, [...document.querySelectorAll("script[src]")].map((s) => s.src)]);
  assert.ok((await size(new URL(css).pathname)).zipped <= 15_000, "the style sheet");
  let js = 0;
  for (const s of scripts) js += (await size(new URL(s).pathname)).zipped;
  assert.ok(js > 500 && js <= 20_000, `scripts: ${js}`);
  for (const at of ["/admin/members"]) {
    const { zipped } = await size(at);
    assert.ok(zipped <= 8_000, `${at}: ${zipped}`);
  }
});

test("lists work without JavaScript", async (t) => {
  const page = await asStaff(t, "owner", "fr", { javaScriptEnabled: false });
  await page.goto(`${base}/admin/members`);
  await page.locator("#q").fill("kowalska");
  await page.locator("#q").press("Enter");
  await page.waitForURL(/q=kowalska/);
  assert.ok((await page.locator("tbody tr").count()) >= 2);
});

test("a list follows while somebody types, and the address says so", async (t) => {
  const page = await asStaff(t, "owner");
  await page.goto(`${base}/admin/members`);
  await page.locator("#q").pressSequentially("camil", { delay: 20 });
  await page.waitForURL(/q=camil/);
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.locator("tbody tr").count(), 1);
  assert.ok(await page.locator("#q").evaluate((e) => e === document.activeElement), "who types goes on");
});
