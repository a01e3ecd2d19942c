// From the link that `cagnotte serve` prints to the first order that is rewarded, as the owner
// of a new shop goes there: in fewer than 40 clicks.
import assert from "node:assert/strict";
import test from "node:test";
import { code } from "./code.mjs";
import { accessible, open, plain, shot } from "./lib.mjs";
import { folder, serve } from "./served.mjs";

const most = 40;

/**
 * hand is the owner's hand on the mouse. Whatever a mouse is needed for is a click: buttons,
 * links, cards, boxes. Typing is none, but a field is reached by a click, too, so each field
 * that is typed into counts as one: nobody has to know the Tab key.
 */
function hand(page) {
  const clicks = [];
  return {
    clicks,
    async click(what, name) {
      const it = typeof what === "string" ? page.locator(what) : what;
      clicks.push(name ?? plain((await it.innerText()) || String(what)));
      await it.click(); // which fails where there are several
    },
    async type(what, text) {
      clicks.push(`into ${what}`);
      await page.locator(what).fill(text);
    },
  };
}

test("first run to first rewarded order", async (t) => {
  const { data, remove } = folder();
  const server = await serve(data);
  t.after(async () => { await server.kill("SIGTERM"); remove(); });
  const page = await open(t, { locale: "fr-FR", viewport: { width: 1360, height: 900 } });
  const { clicks, click, type } = hand(page);
  const says = async () => plain(await page.locator("main").innerText());

  // The shop, its owner, his second factor, the pages of the members.
  await page.goto(server.first);
  await type("#shop", "Maison Lavande");
  await type("#person", "Alice Moreau");
  await type("#email", "alice@example.com");
  await type("#password", "quatre chevaux bleus");
  await click("main .btn.pri");
  await page.waitForURL(/\/admin\/factor$/);
  await type("#code", code(await page.locator("[name=secret]").inputValue()));
  await click("main .btn.pri");
  await page.waitForURL(/\/admin\/first$/);
  await click("label.rc:has([value=referral-order])");
  await click("main .btn.pri:not([value])");

  // The wizard, from its template to a program that runs. The reward is paid without a delay.
  await page.waitForURL(/\/wizard\/new\?template=referral-order$/);
  assert.ok(await page.locator("[value=referral-order]").isChecked());
  await click("main form .btn.pri");
  for (let step = 1; step <= 4; step++) {
    await page.waitForURL(new RegExp(`/drf_\\w+/${step}$`));
    if (step === 3) await type("#wait", "");
    await click(".foot [value=next]");
  }
  await page.waitForURL(/\/5$/);
  const promised = plain(await page.locator(".pv .sentence").innerText());
  assert.match(promised, /10,00 €/);
  await accessible(page, "the review");
  await click("section[aria-labelledby=go] .btn.pri");
  await page.locator(".notice.good").waitFor();
  await shot(page, "first order published fr");

  // What is left is said on the dashboard, and how an order comes by a key of the shop's server.
  await click(page.locator(".side a[href='/admin']"));
  await page.waitForURL(/\/admin$/);
  await accessible(page, "the checklist");
  await shot(page, "first order checklist fr");
  await click(".todo a[href='/admin/settings/keys']");
  await type("#name", "Serveur de la boutique");
  await click("label.tick:has([value=facts])");
  await click("section[aria-labelledby=new] .btn.pri");
  const key = await page.locator("#token").inputValue();
  await click("[data-copy]");

  // A customer who recommends, by the screens; her friend and his order, by the API.
  await click(page.locator(".side a[href='/admin/members']"));
  await click(page.locator(".head a[href='/admin/members/new']"));
  await type("#first_name", "Berthe");
  await type("#last_name", "Simon");
  await type("#email", "berthe@example.com");
  await type("#number", "B-1");
  await click("main form .btn.pri");
  await page.waitForURL(/\/members\/mem_\w+/);
  const sends = async (at, body) => {
    const answer = await fetch(server.at + at, {
      method: "POST", headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, `${at}: ${await answer.clone().text()}`);
    return answer.json();
  };
  await sends("/v1/members", { id: "join-1", email: "hugo@example.com", first_name: "Hugo", last_name: "Blanc", number: "H-1", referrer: { number: "B-1" } });
  const { decisions } = await sends("/v1/orders", { ref: "W-1001", currency: "EUR", member: { number: "H-1" }, lines: [{ sku: "SAVON", amount: 4900 }] });
  assert.ok(decisions.length >= 2, JSON.stringify(decisions));

  // The reward is there: on the dashboard, and on both cards.
  await click(page.locator(".side a[href='/admin/members']"));
  await click(page.locator("tbody td.main a", { hasText: "Berthe Simon" }));
  await page.waitForURL(/\/members\/mem_\w+/);
  assert.match(await says(), /Disponible 10,00 €/);
  await shot(page, "first order rewarded fr");
  await click(page.locator(".card-tabs a[href*='tab=wallet']"));
  assert.match(await says(), /\+10,00 €/);
  await click(page.locator(".side a[href='/admin']"));
  assert.match(await says(), /49,00 €/);

  t.diagnostic(`${clicks.length} clicks, a field that is typed into being one:\n${clicks.map((x, n) => `${n + 1}. ${x}`).join("\n")}`);
  assert.ok(clicks.length < most, `${clicks.length} clicks: ${clicks.join(", ")}`);
});
