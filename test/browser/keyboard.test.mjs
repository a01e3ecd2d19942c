// The keyboard alone.
import assert from "node:assert/strict";
import test from "node:test";
import { open, shot } from "./lib.mjs";
import { base, entry } from "./shop.mjs";
import { as } from "./table.mjs";

/** at tells what has the focus, and whether that can be seen. */
const at = (page) => page.evaluate(() => {
  const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
  const on = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: e.id || e.getAttribute("href") || e.localName,
    marked: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== "none",
    covered: on !== null && !e.contains(on) && !on.contains(e),
  };
});

/** tab goes on until `name` has the focus; each stop on the way can be seen. */
async function tab(page, name) {
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press("Tab");
    const now = await at(page);
    assert.ok(now.marked, `one sees that ${now.name} has the focus`);
    assert.ok(!now.covered, `${now.name} is not covered`);
    if (now.name === name) return;
  }
  assert.fail(`${name} is not reached`);
}

test("the keyboard signs in and opens a gift", async (t) => {
  const address = "member9@example.com";
  const page = await open(t, { locale: "pl-PL", viewport: { width: 1100, height: 760 } });
  await page.goto(`${base}/sign-in`);
  await tab(page, "#main");
  await shot(page, "keyboard-skip");
  await page.keyboard.press("Enter");
  await tab(page, "email");
  await page.keyboard.type(address);
  const { code } = await entry(address, "demo", async () => {
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sign-in\/code$/);
  });
  await tab(page, "code");
  await page.keyboard.type(code);
  await tab(page, "button");
  await page.keyboard.press("Enter");
  await page.locator("a.me").waitFor();
  await tab(page, "/gifts");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${base}/gifts`);
  await tab(page, "/gifts/TASSE");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${base}/gifts/TASSE`);
});

test("every page can be walked through by the keyboard", async (t) => {
  const page = await as(t, "member", "en");
  for (const path of ["/", "/history", "/share", "/profile", "/profile/pin"]) {
    await page.goto(base + path);
    await tab(page, "/language/pl");
  }
});
