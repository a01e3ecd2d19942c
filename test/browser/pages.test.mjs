// Every page of the table, in each language, light and dark, on a phone and on the narrowest
// screen: axe finds nothing, nothing is too wide, and what is written is whole.
import assert from "node:assert/strict";
import test from "node:test";
import { accessible, fits, open, shot, signIn } from "./lib.mjs";
import { base, enrol, later, twin } from "./shop.mjs";
import { as, files, languages, pages } from "./table.mjs";

/** whole looks at the document as it was sent, before any script. */
async function whole(page, answer, language) {
  const found = await page.evaluate((html) => {
    const d = new DOMParser().parseFromString(html, "text/html");
    const inline = [...d.querySelectorAll("*")].flatMap((e) => [...e.attributes].filter((a) => a.name === "style" || a.name.startsWith("on")).map((a) => `${e.localName} ${a.name}`));
    return {
      inline: inline.concat([...d.querySelectorAll("style, script:not([src])")].map((e) => e.outerHTML.slice(0, 80))),
      ones: ["h1", "main", "head > title"].map((x) => d.querySelectorAll(x).length),
      language: d.documentElement.lang, title: d.title, keys: d.body.textContent.match(/\b(portal|passkey|problem|receipt)\.\w+/g),
    };
  }, await answer.text());
  assert.deepEqual(found.inline, [], "style and script in the document itself");
  assert.deepEqual(found.ones, [1, 1, 1], "h1, main and title are there once");
  assert.equal(found.language, language);
  assert.match(found.title, /\S · \S/);
  assert.equal(found.keys, null, "words that are missing");
}

for (const language of Object.keys(languages)) {
  for (const who of new Set(pages.map((p) => p.who))) {
    test(`${language}, nothing that a ${who} sees complains`, async (t) => {
      const page = await as(t, who, language, { expected: [404, 422] }); // the table says which page answers so
      for (const p of pages.filter((p) => p.who === who)) {
        await t.test(`${language} ${p.shown} as ${who}`, () => looked(page, language, p));
      }
    });
  }
}

/** looked goes through the forms of one page. */
async function looked(page, language, { path, shown, who, status = 200 }) {
  const answer = await page.goto(base + path);
  assert.equal(answer.status(), status);
  assert.equal(new URL(page.url()).pathname, path.split("?")[0], "the page itself answers");
  await whole(page, answer, language);
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [390, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      const when = `${shown} ${who} ${language} ${colorScheme} ${width}`;
      await fits(page, when);
      await accessible(page, when);
      await shot(page, when);
    }
  }
}

test("what a member sends to remind a friend", async (t) => {
  await enrol("test", { number: "7201", email: "rena@example.com", first_name: "Rena", locale: "fr" });
  const page = await open(t);
  await signIn(page, "rena@example.com", twin);
  await page.goto(`${twin}/invite`);
  await page.locator("#addresses").fill("f1@example.com f2@example.com f3@example.com"); // one for each language
  await page.locator("#agreed").check();
  await page.locator("main form button").click();
  await page.locator("[role=status] a").waitFor();
  await later(3);
  for (const language of Object.keys(languages)) {
    await page.goto(`${twin}/language/${language}`);
    await page.goto(`${twin}/friends`);
    await accessible(page, `friends ${language}`);
    const asks = page.waitForResponse((r) => r.url().endsWith("/remind"));
    await page.locator("form[action$='/remind'] button").first().click();
    assert.equal((await asks).status(), 200);
    await page.locator("#text").waitFor();
    assert.match(await page.locator("main p").first().innerText(), /^f\d@…/);
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [390, 320]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        const when = `remind ${language} ${colorScheme} ${width}`;
        await fits(page, when);
        await accessible(page, when);
        await shot(page, when);
      }
    }
  }
});

test("the titles of pages differ", async (t) => {
  const page = await as(t, "member", "fr");
  const titles = new Set();
  const list = pages.filter((p) => p.who === "member" && !p.shown.includes("{"));
  for (const { path } of list) {
    await page.goto(base + path);
    titles.add(await page.title());
  }
  assert.equal(titles.size, list.length, [...titles].join(", "));
});

test("a page that does not exist says so", async (t) => {
  const page = await open(t, { expected: [404] });
  await page.goto(`${base}/p/no-such-shop/sign-in`);
  await accessible(page, "404");
  await fits(page, "404");
});

test("a mistake in a form is named above it and on its field", async (t) => {
  const page = await open(t, { expected: [422] });
  await page.goto(`${base}/join`);
  await page.locator("main form button").click();
  const above = page.locator("[role=alert] a");
  await above.click();
  const field = page.locator(`[id="${(await above.getAttribute("href")).slice(1)}"]`);
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  for (const name of (await field.getAttribute("aria-describedby")).split(" ")) await page.locator(`[id="${name}"]`).waitFor();
  assert.ok(await field.evaluate((e) => e === document.activeElement), "the link leads to the field");
  await accessible(page, "422");
});

test("a shop below /p/ stays there", async (t) => {
  const page = await open(t);
  await page.goto(`${twin}/sign-in`);
  const links = await page.locator("a[href^='/'], form[action^='/']").evaluateAll((all) => all.map((e) => e.getAttribute("href") ?? e.getAttribute("action")));
  assert.ok(links.length > 3);
  assert.deepEqual(links.filter((l) => !l.startsWith("/p/demo-test")), []);
});

for (const { path, shown, kind } of files) {
  test(`the file ${shown}`, async (t) => {
    const page = await as(t, "member", "fr");
    const answer = await page.request.get(base + path);
    assert.equal(answer.status(), 200);
    assert.ok(answer.headers()["content-type"].startsWith(kind), answer.headers()["content-type"]);
    assert.ok((await answer.body()).length > 100);
  });
}
