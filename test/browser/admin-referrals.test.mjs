// Referrals and the journal as somebody of the support works with them: a referral reviewed
// by keys alone, one added by hand and taken back, a decision read, overridden and undone.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { accessible, shot } from "./lib.mjs";
import { api, base } from "./shop.mjs";

/** suspicious lets somebody join on the referrer's own device: that waits for a word. */
async function suspicious(name) {
  const joins = (number, more) => api("live", "POST", "/v1/members", { id: `desk-${number}`, number, first_name: name, last_name: number, signals: { device: `desk-${name}` }, ...more });
  await joins(`${name}-1`);
  await joins(`${name}-2`, { referrer: { number: `${name}-1` }, touch: "link" });
}

test("referrals are reviewed by keys alone", async (t) => {
  await suspicious("Rita");
  await suspicious("Sven");
  const page = await asStaff(t, "support", "en", { expected: [422] });
  await page.goto(`${base}/admin/referrals`);
  const waits = async () => Number((await page.locator(".side .count").innerText()).match(/\d+/)[0]);
  const before = await waits();
  await page.goto(`${base}/admin/referrals/review`);
  const first = page.url(), heading = () => page.locator("h1").innerText();
  const one = await heading();
  await page.keyboard.press("j");
  await page.waitForURL(/at=ref_/);
  assert.notEqual(await heading(), one, "J shows the next one");
  const second = await heading();
  await page.keyboard.press("k");
  await page.waitForFunction((was) => (document.querySelector("h1")?.innerText ?? was) !== was, second);
  assert.equal(await heading(), one, "K shows the one before");
  assert.ok(first);

  await page.keyboard.press("e");
  await page.locator("details[open] .story li").first().waitFor();
  await page.keyboard.press("r");
  assert.equal(await page.evaluate(() => document.activeElement.id), "reason", "R asks why");
  await page.keyboard.type("One and the same person");
  await page.keyboard.press("Enter");
  await page.locator(".notice.good").waitFor();
  assert.equal(await waits(), before - 1);
  assert.equal(await heading(), second, "the next one follows");
  await accessible(page, "after a review");
  await page.keyboard.press("a");
  await page.waitForFunction((was) => (document.querySelector("h1")?.innerText ?? was) !== was, second);
  await page.locator(".notice.good").waitFor();
  assert.equal(await waits(), before - 2);
});

test("a referral is added by hand, and taken back", async (t) => {
  const page = await asStaff(t, "support", "en", { expected: [422] });
  await page.goto(`${base}/admin/referrals`);
  await page.locator("a[href='/admin/referrals/new']").click();
  await page.locator("[name=is][value=lead]").check();
  await page.locator("#first_name").fill("Ludka");
  await page.locator("#email").fill("ludka@example.com");
  await page.locator("#referrer").fill("lambert");
  await page.locator("#note").fill("told us at the till");
  await page.locator("main .btn.pri").click();
  await page.locator("#referrer-wrong").waitFor();
  await accessible(page, "homonyms");
  await shot(page, "admin referrals homonyms");
  assert.equal(await page.locator("#note").inputValue(), "told us at the till", "what was typed stays");
  await page.locator(".pick-list label", { hasText: "1101" }).click();
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin\/referrals\?/);
  const row = page.locator("tbody tr", { hasText: "Ludka" });
  assert.match(await row.innerText(), /Olivier Lambert[\s\S]*By the team/);
  await page.locator(".notice.good button").click();
  await page.locator(".notice.good").waitFor();
  assert.match(await row.innerText(), /Changed by the team/);
});

test("a decision is read, tried anew, overridden and undone", async (t) => {
  const page = await asStaff(t, "support", "en", { expected: [422] });
  await page.goto(`${base}/admin/journal`);
  await page.locator("[name=refused]").check();
  await page.waitForURL(/refused=1/);
  await page.locator(".causes a", { hasText: "below the minimum" }).click();
  await page.waitForURL(/cause=BELOW_MINIMUM/);
  await page.locator("tbody td.main a").first().click();
  await page.waitForURL(/\/admin\/journal\/evt_/);
  const event = page.url();
  await page.locator(".verdicts .no").first().waitFor();
  assert.match(await page.locator("pre").innerText(), /"kind": "order_paid"/);
  await page.locator("a[href*='replay=1']").click();
  await page.locator("#again").waitFor();
  await accessible(page, "tried anew");
  await shot(page, "admin journal again");
  await page.goto(event);
  await page.locator("#amount").fill("nothing");
  await page.locator("#unit").selectOption("EUR");
  await page.locator("#note").fill("promised on the phone");
  await page.locator("section form .btn.pri").click();
  await page.locator("#amount-wrong").waitFor();
  await page.locator("#amount").fill("3.50");
  await page.locator("section form .btn.pri").click();
  await page.locator(".notice.good", { hasText: "€3.50" }).waitFor();
  assert.match(await page.locator("pre").innerText(), new RegExp(event.split("/").pop()), "it refers to what it overrides");
  await page.locator(".notice.good button").click();
  await page.locator(".notice.good", { hasText: "€3.50 taken back" }).waitFor();
  assert.match(await page.locator("pre").innerText(), /"amount": -350/);
});
