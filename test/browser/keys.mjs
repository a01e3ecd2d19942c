// The keyboard, as somebody uses it who has nothing else.
import assert from "node:assert/strict";

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
export async function tab(page, name) {
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press("Tab");
    const now = await at(page);
    assert.ok(now.marked, `one sees that ${now.name} has the focus`);
    assert.ok(!now.covered, `${now.name} is not covered`);
    if (now.name === name) return;
  }
  assert.fail(`${name} is not reached`);
}
