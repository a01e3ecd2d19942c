// What looks at the pages sees what is wrong with one.
import assert from "node:assert/strict";
import test from "node:test";
import { accessible, fits, open } from "./lib.mjs";
import { base } from "./shop.mjs";

/** ended runs a test of its own with a page, and gives what it is told at its end. */
async function ended(act) {
  const last = [];
  const page = await open({ after: (f) => last.push(f) });
  await act(page);
  for (const f of last) await f();
}

test("axe finds what is hard to read, and what has no name", async (t) => {
  const page = await open(t);
  const bad = `<!doctype html><html lang="en"><title>x</title><main><h1>x</h1><p style="color:#999;background:#aaa">pale</p><input></main>`;
  await page.setContent(bad);
  await assert.rejects(accessible(page, "bad"), (e) => /color-contrast/.test(e.message) && /label/.test(e.message));
  await page.setContent(bad.replace(/<p.*/, "</main>"));
  await accessible(page, "good");
});

test("what is too wide is found", async (t) => {
  const page = await open(t, { viewport: { width: 320, height: 600 } });
  await page.setContent(`<meta name="viewport" content="width=device-width"><p style="width:400px">wide</p>`);
  await assert.rejects(fits(page, "wide"), /320/);
});

test("errors of a page fail the test that opened it", async () => {
  await ended((page) => page.goto(`${base}/sign-in`));
  await assert.rejects(ended((page) => page.goto(`${base}/nowhere-at-all`)), /404/);
  await assert.rejects(ended(async (page) => {
    await page.goto(`${base}/sign-in`);
    await page.evaluate(() => setTimeout(() => { throw new Error("broken script"); }));
    await page.waitForFunction(() => true);
  }), /broken script/);
  await assert.rejects(ended(async (page) => {
    await page.goto(`${base}/sign-in`);
    await page.evaluate(() => document.body.setAttribute("style", "color:red"));
    await page.waitForFunction(() => true);
  }), /content security policy|Content Security Policy/);
});
