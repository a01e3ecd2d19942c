// The wizard: each option has its control, its words in the sentence, and its place in the
// program that is published (R1 to R11; S2-8: who is rewarded, when, how often, with what).
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { api, base } from "./shop.mjs";

/** begin makes a draft of a template, and gives its address. */
async function begin(page, template) {
  await page.goto(`${base}/admin/programs/wizard/new?template=${template}`);
  await page.locator("main form button").click();
  await page.waitForURL(/\/programs\/wizard\/drf_\w+\/1$/);
  return page.url().slice(0, -2);
}

/** set puts a value into a control, opening what is folded around it. */
async function set(page, name, value) {
  const field = page.locator(`[name="${name}"]`).first();
  await field.evaluate((e) => { for (let d = e.closest("details"); d; d = d.parentElement.closest("details")) d.open = true; });
  const kind = await field.evaluate((e) => e.type);
  if (kind === "radio") await page.locator(`[name="${name}"][value="${value}"]`).check({ force: true });
  else if (kind === "checkbox") await field.setChecked(value);
  else if (kind === "select-one") await field.selectOption(value);
  else await field.fill(value);
}

async function value(page, name) {
  return page.locator(`[name="${name}"]`).first().evaluate((e) => {
    if (e.type === "radio") return document.querySelector(`[name="${e.name}"]:checked`).value;
    return e.type === "checkbox" ? e.checked : e.value;
  });
}

const sentence = (page) => page.locator(".pv .sentence").innerText();

/** says waits until the sentence does. */
async function says(page, words) {
  await page.waitForFunction((source) => new RegExp(source).test((document.querySelector(".pv .sentence")?.innerText ?? "").replace(/\s+/g, " ")), words.source);
}

/** go sends the form by one of its buttons. */
async function go(page, to) {
  await Promise.all([page.waitForNavigation(), page.locator(`.foot [value=${to}]`).click()]);
  assert.equal(await page.locator("main .notice.bad").count(), 0, await page.locator("main").innerText());
}

/** publish schedules a program for a time that other tests do not live to see. */
async function publish(page) {
  await set(page, "when", "later");
  await page.locator("#at").fill("2099-01-01T10:00");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.locator(".notice.good").waitFor();
}

// Of each control: the step it is on, what is set, what the sentence then says, and what the text
// of the published program has. Where the fields after them say so, they are set first.
const controls = [
  { draft: "a", what: "R1: a minimum amount", step: 3, set: { minimum: "41.50" }, says: /at least €41\.50/, text: /from 41\.50 EUR/ },
  { draft: "a", what: "R1: without tax", step: 3, set: { "before-tax": true }, says: /(without|before|excluding|net of) tax/i, text: /before tax/ },
  { draft: "a", what: "R1: with delivery", step: 3, set: { "with-delivery": true }, says: /, with delivery/, text: /with delivery/ },
  { draft: "a", what: "R1: before discounts", step: 3, set: { "before-discounts": true }, says: /before discounts/, text: /before discounts/ },
  { draft: "b", what: "R2: the very first order of all", step: 2, set: { first: "very" }, says: /very first/, text: /on very first (fulfilled )?order/ },
  { draft: "b", what: "R2: each order", step: 2, set: { "again-referrer-kind": "money", "again-referrer-amount": "3" }, says: /each paid order[^.]*€3\.00/, text: /referrer 3\.00 EUR/ },
  { draft: "b", what: "R3: the order is received", step: 1, set: { trigger: "order_fulfilled" }, says: /(received|fulfilled|delivered)/, text: /fulfilled order/ },
  { draft: "a", what: "R3: a waiting time", step: 3, set: { wait: "21" }, says: /21 days/, text: /after 21 days/ },
  { draft: "a", what: "R4: within so many days of the first touch", step: 3, set: { within: "45" }, says: /45 days/, text: /within 45 days/ },
  { draft: "a", what: "R4: a referral ends", step: 3, set: { expire: "99" }, says: /99 days/, text: /referral expires after 99 days/ },
  { draft: "a", what: "R4: how long a click counts", step: 3, set: { window: "17" }, says: /17 days/, text: /referral window 17 days/ },
  { draft: "c", what: "R5: a per cent, with a cap", step: 2, set: { "again-referrer-kind": "percent", "again-referrer-amount": "7.5", "again-referrer-limit": "12", "again-referrer-limit-what": "units", "again-referrer-limit-per": "order" }, says: /7\.5%[^]*€12\.00 (per|for each|an) order/, text: /referrer 7\.5 % in EUR[^\n]*at most 12\.00 EUR per order/ },
  { draft: "a", what: "R6: a cap for each member", step: 3, set: { cap: "13", "cap-per": "year" }, says: /13 rewards (per|a) year/, text: /at most 13 rewards per year/ },
  { draft: "a", what: "R6: a budget", step: 3, set: { budget: "750", "budget-per": "month" }, says: /€750\.00/, text: /budget 750\.00 EUR per month/ },
  { draft: "d", what: "R6: a cap of one reward", step: 2, set: { "ordered-referrer-limit": "4", "ordered-referrer-limit-per": "day", "ordered-friend-limit": "4", "ordered-friend-limit-per": "day" }, says: /4 such rewards per day/, text: /at most 4 rewards per day/ },
  { draft: "c", what: "R7: the Nth order", step: 2, set: { each: "nth", "each-n": "4", "again-friend-kind": "points", "again-friend-amount": "44" }, says: /4[^]*44 points/, text: /friend 44 points, [^\n]*on order 4/ },
  { draft: "a", what: "R7: a referrer who has bought", step: 3, set: { buyer: true }, says: /referrer[^.]*(ordered|bought)/, text: /by a buyer/ },
  { draft: "c", what: "R8: several orders together", step: 2, set: { first: "together", "first-sum": "150" }, says: /€150\.00/, text: /on orders of 150\.00 EUR together/ },
  { draft: "a", what: "R9: excluded categories", step: 3, set: { "except-categories": "sale\ngift cards" }, says: /“sale” and “gift cards”/, text: /except categories "sale" "gift cards"/ },
  { draft: "a", what: "R9: excluded articles", step: 3, set: { except: "MUG" }, says: /“MUG”/, text: /except articles "MUG"/ },
  { draft: "a", what: "R9: excluded attributes", step: 3, set: { "except-attributes": "promo=yes" }, says: /promo=yes/, text: /except attributes "promo=yes"/ },
  { draft: "a", what: "R9: not what gift cards paid", step: 3, set: { "without-gift-cards": true }, says: /paid with gift cards/, text: /without gift cards/ },
  { draft: "a", what: "R10: a code was used", step: 3, set: { codes: "AMI5" }, says: /“AMI5”/, text: /with code "AMI5"/ },
  { draft: "d", what: "R11: a little at sign-up, more at the order", step: 1, set: { objective: "both" }, says: /50 points[^]*€10\.00/, text: /on sign-up[^]*on first order/ },
  { draft: "b", what: "S1-26: the friend as soon as his address is entered", step: 2, set: { "invited-friend-kind": "cash", "invited-friend-amount": "6" }, says: /(invit)[^.]*€6\.00/i, text: /friend cash voucher of 6\.00 EUR, on invitation/ },
  { draft: "b", what: "S1-7: a free article", step: 2, set: { "ordered-friend-kind": "product", "ordered-friend-amount": "2", "ordered-friend-name": "MUG" }, says: /“MUG”/, text: /friend product voucher of 2 "MUG"/ },
  { draft: "c", what: "S4-5: anything of a category, reduced", step: 2, set: { "ordered-friend-kind": "category", "ordered-friend-amount": "1", "ordered-friend-name": "teas", "ordered-friend-off": "50" }, says: /50%[^.]*“teas”|“teas”[^.]*50%/, text: /category voucher of 1 "teas" at 50 %/ },
  { draft: "d", what: "S4-5: a special coupon", step: 2, set: { "ordered-friend-kind": "special", "ordered-friend-amount": "9" }, says: /€9\.00/, text: /special voucher of 9\.00 EUR/ },
  { draft: "c", what: "S0-14: a gift by hand", step: 2, set: { "ordered-referrer-kind": "by_hand", "ordered-referrer-name": "Hamper" }, says: /“Hamper”/, text: /gift "Hamper" by hand/ },
  { draft: "d", what: "S4-7: validity", step: 2, set: { "ordered-friend-valid": "37", "ordered-friend-valid-unit": "days", "ordered-referrer-valid": "37", "ordered-referrer-valid-unit": "days" }, says: /37 days/, text: /valid 37 days/ },
  { draft: "a", what: "every so many friends", step: 3, set: { "swap-need": "5", "swap-kind": "gift", "swap-name": "Mug" }, says: /5 [^.]*referrals[^.]*“Mug”/, text: /exchange 5 referrals for gift "Mug"/ },
  { draft: "a", what: "levels", step: 3, set: { "tier-1-need": "3", "tier-1-kind": "money", "tier-1-amount": "15", "tier-2-need": "9", "tier-2-kind": "gift", "tier-2-name": "Hamper" }, says: /3 [^.]*referrals[^]*9 [^.]*referrals/, text: /15\.00 EUR, on reaching 3 referrals[^]*gift "Hamper", on reaching 9 referrals/ },
  { draft: "a", what: "the last one who referred counts", step: 3, set: { "last-touch": true }, says: /last/, text: /referral last touch/ },
  { draft: "b", what: "the time in which it runs", step: 4, set: { ends: "2099-03-31" }, says: /31 March 2099/, text: /ends 2099/ },
];

test("each option of a referral is set, said, kept and published", async (t) => {
  const page = await asStaff(t, "owner", "en");
  for (const draft of new Set(controls.map((c) => c.draft))) {
    const mine = controls.filter((c) => c.draft === draft);
    const at = await begin(page, "referral-order");
    for (const c of mine) await t.test(c.what, () => tried(page, at, c));
    await t.test(`draft ${draft} is published`, async () => {
      await page.goto(`${at}/4`);
      await page.locator("#name").fill(`Options ${draft}`);
      await go(page, "next");
      await publish(page);
      const { data } = await api("live", "GET", "/v1/programs?limit=100");
      const made = data.find((p) => p.name === `Options ${draft}`);
      for (const c of mine) assert.match(made.text, c.text, c.what);
    });
  }
});

/** tried sets a control: the sentence says it while it is set, and it is there after a reload. */
async function tried(page, at, c) {
  if (page.url() !== `${at}/${c.step}`) await page.goto(`${at}/${c.step}`);
  assert.doesNotMatch((await sentence(page)).replace(/\s+/g, " "), c.says, "the sentence said it before");
  for (const [name, x] of Object.entries(c.set)) await set(page, name, x);
  await says(page, c.says);
  await go(page, "stay"); // which asks for the page anew
  for (const [name, x] of Object.entries(c.set)) assert.equal(await value(page, name), x, `${name} is still there`);
  assert.match((await sentence(page)).replace(/\s+/g, " "), c.says);
}

// The other kinds of programs: what is chosen, what the sentence and the published text say.
const kinds = [
  { what: "S4-4, S4-6: ten of an article, one free", template: "buy-x-get-y", steps: [{ things: "MUG\nCUP", items: "2" }, { "reward-kind": "product", "reward-amount": "1", "reward-name": "MUG" }, { per: "stamp", card: "10", stamps: "1", "stamp-per": "1", asked: true }], says: /10 stamps/, text: /stamp 1 per item, from 2 items, of articles "MUG" "CUP"[^]*exchange 10 stamps for product voucher of 1 "MUG"[^\n]*when asked/ },
  { what: "S4-4: a category, by amount", template: "stamp-card", steps: [{ things: "teas", minimum: "25" }, { "reward-kind": "money", "reward-amount": "2" }, { per: "" }], says: /“teas”[^]*€25\.00/, text: /earn 2\.00 EUR, from 25\.00 EUR, of categories "teas"/ },
  { what: "S4-4: the basket, to points by amount, and what they are for", template: "points", steps: [{}, { "reward-amount": "3" }, { per: "amount", "per-sum": "2.50", "swap-need": "200", "swap-kind": "gift", "swap-name": "Tea" }], says: /3 points[^]*“Tea”/, text: /earn 3 points per 2\.50 EUR[^]*exchange 200 points for gift "Tea"/ },
  { what: "S4-4: a visit, every fifth", template: "birthday", steps: [{ event: "custom_event", "event-name": "visit" }, { "reward-kind": "points", "reward-amount": "20" }, { often: "every", "often-n": "5" }], says: /visit[^]*5/, text: /earn 20 points, on event "visit", every 5 times/ },
  { what: "S4-5: a birthday, a special coupon", template: "birthday", steps: [{ event: "birthday" }, { "reward-kind": "special_percent", "reward-amount": "15" }, {}], says: /birthday[^]*15%/, text: /special voucher of 15 %, on birthday/ },
  { what: "another kind, chosen in the first step", template: "birthday", steps: [{ kind: "referral" }, { "ordered-referrer-amount": "11" }, {}], says: /€11\.00/, text: /referrer 11\.00 EUR/ },
];

test("other kinds of programs are made in the same five steps", async (t) => {
  const page = await asStaff(t, "owner", "en");
  for (const [n, c] of kinds.entries()) {
    await t.test(c.what, async () => {
      await begin(page, c.template);
      for (const step of c.steps) {
        for (const [name, x] of Object.entries(step)) await set(page, name, x);
        await go(page, "next");
      }
      await page.locator("#name").fill(`Kind ${n}`);
      await go(page, "next");
      assert.match((await sentence(page)).replace(/\s+/g, " "), c.says);
      await publish(page);
      const { data } = await api("live", "GET", "/v1/programs?limit=100");
      assert.match(data.find((p) => p.name === `Kind ${n}`).text, c.text);
    });
  }
});

test("nothing is lost: Back keeps, a refused form keeps, leaving keeps", async (t) => {
  const page = await asStaff(t, "owner", "fr", { expected: [422] });
  const at = await begin(page, "referral-order");
  await page.goto(`${at}/2`);
  await set(page, "ordered-referrer-amount", "12,5");
  await go(page, "back");
  assert.match(page.url(), /\/1$/);
  await page.goto(`${base}/admin/members`);
  await page.goto(`${at}/2`);
  assert.equal(await value(page, "ordered-referrer-amount"), "12,50");
  await set(page, "ordered-referrer-amount", "douze");
  await set(page, "ordered-friend-amount", "6");
  await page.locator(".foot [value=next]").click();
  await page.locator(".notice.bad").waitFor();
  assert.equal(await value(page, "ordered-referrer-amount"), "douze");
  assert.equal(await value(page, "ordered-friend-amount"), "6");
  await page.locator(".notice.bad a").click();
  await page.waitForFunction(() => document.activeElement.id === "ordered-referrer-amount"); // the link leads to the field
});

test("the wizard works without JavaScript, and its program is tried over the past", async (t) => {
  const page = await asStaff(t, "owner", "pl", { javaScriptEnabled: false });
  const at = await begin(page, "points");
  await page.locator("[name=minimum]").fill("10");
  await page.locator(".foot [value=next]").click();
  await page.waitForURL(/\/2$/);
  await page.locator("[name=reward-amount]").fill("2");
  await page.locator(".foot [value=next]").click();
  await page.waitForURL(/\/3$/);
  await page.goto(`${at}/5`);
  await page.locator("#target").fill("20,00");
  await page.locator("#trial-card button").click();
  await page.waitForURL(/\/simulate$/);
  assert.ok((await page.locator(".trial .facts div").count()) >= 4, await page.locator("#trial-card").innerText());
  assert.match(await page.locator(".trial .facts").innerText(), /\d/);
});

test("who may not publish has no button for it, and the draft waits for who may", async (t) => {
  const page = await asStaff(t, "support", "en");
  const at = await begin(page, "cashback");
  await page.goto(`${at}/5`);
  assert.equal(await page.getByRole("button", { name: "Publish", exact: true }).count(), 0);
  assert.match(await page.locator("main").innerText(), /an owner or marketing publishes/);
});

test("a stamp card is made in the wizard, copied, and tried with an order", async (t) => {
  const page = await asStaff(t, "marketing", "en");
  await begin(page, "stamp-card");
  await go(page, "next");
  await go(page, "next");
  await set(page, "card", "6");
  await says(page, /6 stamps/);
  await go(page, "next");
  await page.locator("#name").fill("Six teas");
  await go(page, "next");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.waitForURL(/\/programs\/prg_\w+$/);
  const made = page.url();
  assert.match(await page.locator("h1").innerText(), /Six teas/);

  // The copy is a draft of the same rules, which the wizard reads as well; its own order fills it.
  await page.locator("form[action$='/copy'] button").click();
  await page.waitForURL(/\/drafts\/drf_\w+$/);
  const copy = page.url();
  const text = await page.locator("#text").inputValue();
  assert.match(text, /Six teas \(copy\)/);
  assert.match(text, /exchange 6 stamps/);
  const trace = async (pieces) => {
    await page.locator("#qty1").fill(pieces);
    await page.locator("#amount1").fill("30.00");
    await page.locator("main form .btn.pri").click();
    await page.waitForURL(/run=1/);
    await page.locator("#trace").waitFor();
    return (await page.locator("#trace").innerText()).replace(/\s+/g, " ");
  };
  const article = text.match(/of (?:articles|categories) "([^"]+)"/);
  for (const at of [`${copy}/try`, `${made.replace("/programs/", "/programs/run/")}/try`]) { // the draft, and the one that runs
    await page.goto(at);
    const said = await trace("6");
    assert.match(said, /6 stamps/, `${at}: ${article}`);
    assert.match(said, /voucher/);
    const less = await trace("5");
    assert.match(less, /5 stamps/);
    assert.doesNotMatch(less, /in exchange/);
  }
  const { data } = await api("live", "GET", "/v1/programs?limit=100");
  const { id } = data.find((p) => p.name === "Six teas");
  assert.ok(made.endsWith(id));
  await page.goto(made); // it rewards nobody else of these tests
  await page.locator(".head form[action$='/pause'] button").click();
  await page.locator(".notice.good").waitFor();
});
