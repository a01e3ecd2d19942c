// Nothing is lost in the back office: by a session that ends, a colleague at the same program,
// a form that is sent twice, or Back.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { code } from "./code.mjs";
import { accessible, fits, open, plain, shot } from "./lib.mjs";
import { api, base } from "./shop.mjs";

const password = "piąta rano na placu";

/** invited lets an owner invite somebody, who comes in: his page, and the secret of his app. */
async function invited(t, name, email, role, options) {
  const owner = await asStaff(t, "owner", "en");
  await owner.goto(`${base}/admin/people`);
  await owner.locator("#name").fill(name);
  await owner.locator("#email").fill(email);
  await owner.locator("#role").selectOption(role);
  await owner.locator("section form .btn.pri").click();
  const page = await open(t, { locale: "en-GB", viewport: { width: 1360, height: 900 }, ...options });
  await page.goto(await owner.locator("#link").inputValue());
  await page.locator("#password").fill(password);
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin\/factor$/);
  const secret = await page.locator("[name=secret]").inputValue();
  await page.locator("#code").fill(code(secret));
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin$/);
  return { page, secret };
}

/** drafted makes a draft by the API, and gives the address of its wizard. */
async function drafted(name) {
  const { id } = await api("live", "POST", "/v1/program-drafts", {
    text: `program "${name}"\n  referral window 30 days\n  ordered: refer friend 5.00 EUR, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days\n`,
  });
  return `${base}/admin/programs/wizard/${id}`;
}

const sums = (page) => page.locator("#ordered-referrer-amount");

test("a session ends while a program is edited: what was typed is there after coming in again", async (t) => {
  const { page, secret } = await invited(t, "Marek Zgubiony", "marek@example.com", "marketing", { expected: [401] });
  const at = await drafted("Lost session");
  await page.goto(`${at}/2`);
  await sums(page).fill("12.50");
  await page.locator(".foot [value=next]").click();
  await page.waitForURL(/\/3$/);
  await page.goto(`${at}/2`);
  await page.waitForLoadState("networkidle");
  await sums(page).fill("17.50");
  await page.waitForResponse((r) => r.url().endsWith("/preview"));
  await page.context().clearCookies();
  await page.locator(".foot [value=next]").click();
  await page.locator("#password").waitFor();
  assert.match(plain(await page.locator("main").innerText()), /What you typed is kept/);
  await accessible(page, "somebody who has to come in again");
  if (await page.locator("#shop").count()) await page.locator("#shop").fill("demo");
  await page.locator("#email").fill("marek@example.com");
  await page.locator("#password").fill(password);
  await page.locator("main .btn.pri").click();
  await page.locator("#code").fill(code(secret, 1));
  await page.locator("main .btn.pri").click();
  await page.getByText("has waited").waitFor();
  assert.equal(await page.locator("[name=ordered-referrer-amount]").inputValue(), "17.50");
  await shot(page, "admin kept session");
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/3$/);
  await page.goto(`${at}/2`);
  assert.equal(await sums(page).inputValue(), "17.50", "the draft has it");
});

test("two people at the same program in the wizard: the second is told, and shown the difference", async (t) => {
  const at = await drafted("Two at once");
  const first = await asStaff(t, "owner", "en");
  const second = await asStaff(t, "marketing", "fr", { expected: [409] });
  await first.goto(`${at}/2`);
  await second.goto(`${at}/2`);
  await sums(first).fill("11.00");
  await first.locator(".foot [value=stay]").click();
  await first.waitForFunction(() => document.querySelector(".pv .sentence")?.innerText.includes("11"));
  await sums(second).fill("13,00");
  await Promise.all([second.waitForNavigation(), second.locator(".foot [value=stay]").click()]);
  const told = second.locator(".notice.warn[role=alert]");
  await told.waitFor();
  const said = plain(await told.innerText());
  assert.match(said, /11,00 €/, "what the colleague wrote");
  assert.match(said, /13,00 €/, "what one's own answers make of it");
  assert.equal(await sums(second).inputValue(), "13,00", "what was typed is there");
  for (const width of [1360, 390, 320]) {
    await second.setViewportSize({ width, height: 900 });
    await fits(second, `two at once ${width}`);
    await accessible(second, `two at once ${width}`);
    await shot(second, `admin kept two at once fr ${width}`);
  }
  await second.setViewportSize({ width: 1360, height: 900 });
  // Saved once more it is his; the colleague, whose page is older now, is told in turn.
  await Promise.all([second.waitForNavigation(), second.locator(".foot [value=stay]").click()]);
  assert.equal(await told.count(), 0);
  await second.reload();
  assert.equal(await sums(second).inputValue(), "13");
});

/** poor makes a member who has nothing. */
async function poor(number) {
  const { member } = await api("live", "POST", "/v1/members", { id: `kept-${number}`, number, first_name: "Ida", last_name: number, email: `${number}@kept.example` });
  return member;
}

test("a form that gives value gives it once, however often its button is pressed", async (t) => {
  const member = await poor("KD1");
  const page = await asStaff(t, "owner", "en");
  await page.goto(`${base}/admin/members/${member}?do=credit`);
  await page.locator("#amount").fill("12.50");
  await page.locator("#reason").fill("a broken cup");
  const sent = [];
  page.on("request", (r) => { if (r.method() === "POST" && r.url().endsWith("/credit")) sent.push(r.postData()); });
  await page.locator("section#form button.pri").dblclick();
  await page.locator(".notice.good").waitFor();
  assert.ok(sent.length >= 1);
  // A hand that is faster than the browser, and a tab that is loaded again: the same form once more.
  const again = await page.evaluate(async ([at, body]) => Promise.all([1, 2, 3].map(async () => {
    const answer = await fetch(at, { method: "POST", body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    return answer.status;
  })), [`/admin/members/${member}/credit`, sent[0]]);
  assert.deepEqual(again, [200, 200, 200], "who presses twice is not scolded");
  await page.goto(`${base}/admin/members/${member}?tab=wallet`);
  assert.match(plain(await page.locator(".figures").innerText()), /Available €12\.50/);
  assert.equal(await page.locator(".ledger tbody tr", { hasText: "a broken cup" }).count(), 1, `one deed: ${plain(await page.locator(".ledger").innerText())}`);
});

test("Back after a form that was refused shows what was typed", async (t) => {
  const member = await poor("KB1");
  const page = await asStaff(t, "owner", "fr", { expected: [422] });
  await page.goto(`${base}/admin/members/${member}?do=credit`);
  await page.locator("#amount").fill("douze");
  await page.locator("#reason").fill("tasse cassée");
  await page.locator("section#form button.pri").click();
  await page.locator("#amount-wrong").waitFor();
  assert.equal(await page.locator("#amount").inputValue(), "douze");
  await page.goBack();
  await page.locator("#amount").waitFor();
  assert.equal(await page.locator("#amount").inputValue(), "douze", "Back keeps it");
  assert.equal(await page.locator("#reason").inputValue(), "tasse cassée");
  // What was meant is sent from there, once: Back again, and the same form is the same deed.
  await page.locator("#amount").fill("12");
  await page.locator("section#form button.pri").click();
  await page.locator(".notice.good").waitFor();
  await page.goBack();
  await page.locator("#amount").waitFor();
  assert.equal(await page.locator("#amount").inputValue(), "12");
  await page.locator("section#form button.pri").click();
  await page.waitForURL(/tab=wallet$/);
  assert.match(plain(await page.locator(".figures").innerText()), /Disponible 12,00 €/, "one deed");
});
