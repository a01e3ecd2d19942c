// Passkeys of the staff, with an authenticator that Chromium plays, at localhost: browsers have
// none for an address of numbers.
import assert from "node:assert/strict";
import test from "node:test";
import { asStaff } from "./admin-lib.mjs";
import { code } from "./code.mjs";
import { accessible, fits, open, shot } from "./lib.mjs";
import { base } from "./shop.mjs";
import { languages } from "./table.mjs";

const named = base.replace("127.0.0.1", "localhost");

/** phone gives a page an authenticator whose owner is always there. */
async function phone(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    keys: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    verify: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** invited is a page at which somebody has chosen his password. */
async function invited(t, email, locale) {
  const owner = await asStaff(t, "owner");
  await owner.goto(`${base}/admin/people`);
  await owner.locator("#name").fill("Wanda Cięta");
  await owner.locator("#email").fill(email);
  await owner.locator("#role").selectOption("marketing");
  await owner.locator("section form .btn.pri").click();
  const link = new URL(await owner.locator("#link").inputValue());
  const page = await open(t, { locale, viewport: { width: 1360, height: 900 }, expected: [422, 401] });
  const device = await phone(page);
  await page.goto(named + link.pathname);
  await page.locator("#password").fill("piąta rano na placu");
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin\/factor$/);
  return { page, device };
}

/** looks looks at a page in each theme and width. */
async function looks(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1360, 390, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await fits(page, `${name} ${width}`);
      await accessible(page, `${name} ${colorScheme} ${width}`);
      await shot(page, `admin keys ${name} ${colorScheme} ${width}`);
    }
  }
  await page.setViewportSize({ width: 1360, height: 900 });
}

test("somebody needs a passkey and nothing else", async (t) => {
  const { page, device } = await invited(t, "wanda-key@example.com", "pl-PL");
  await looks(page, "factor pl");
  await page.locator("#passkey").click();
  await page.waitForURL(/\/admin$/);
  const [key] = await device.keys();
  assert.equal(key.rpId, "localhost");
  assert.equal(Buffer.from(key.userHandle, "base64").length, 32, "random bytes name her");

  await page.goto(`${named}/admin/account`);
  await page.locator("#passkey").click();
  await page.locator("[data-passkey] [role=alert]:not(:empty)").waitFor(); // this device has one
  assert.equal((await device.keys()).length, 1);
  assert.equal(await page.locator("form[action$='/remove']").count(), 0, "the only proof stays");
  await page.locator("form[action='/admin/sign-out'] button").click();
  await page.waitForURL(/\/admin\/sign-in$/);
  await looks(page, "sign-in pl");
  await page.goto(`${named}/admin/sign-in`);
  await device.verify(false);
  await page.locator("#passkey").click();
  await page.locator("[data-passkey] [role=alert]:not(:empty)").waitFor(); // the device refuses by itself
  await device.verify(true);
  await page.goto(`${named}/admin/members?q=anna`); // where she wanted to go
  await page.locator("#passkey").click();
  await page.waitForURL(/\/admin\/members\?q=anna$/); // no shop, no address, no password, no code

  // An app as a spare: then the passkey may go.
  await page.goto(`${named}/admin/factor`);
  const secret = await page.locator("[name=secret]").inputValue();
  await page.locator("#code").fill(code(secret));
  await page.locator("form[action='/admin/factor'] .btn.pri").click();
  await page.waitForURL(/\/admin$/);
  await page.goto(`${named}/admin/second`);
  await looks(page, "second pl");
  for (const language of Object.keys(languages)) {
    await page.goto(`${named}/admin/language/${language}`);
    await page.goto(`${named}/admin/account`);
    await looks(page, `account ${language}`);
    assert.doesNotMatch(await page.locator("main").innerText(), /\b(passkey|problem|admin)\.\w+/);
  }
  await page.locator("form[action$='/remove']").first().locator("button").click();
  await page.locator(".notice.good").waitFor();
  await page.locator("form[action='/admin/sign-out'] button").click();
  await page.locator("#passkey").click();
  await page.locator("#passkey-wrong").waitFor();
  await accessible(page, "a passkey that was removed");
});

test("where a browser has no passkeys, an app is offered alone", async (t) => {
  const page = await open(t, { expected: [] });
  await page.goto(`${base}/admin/sign-in`);
  assert.equal(await page.locator("[data-passkey]").count(), 0, "an address of numbers");
  const bare = await open(t, { javaScriptEnabled: false });
  await bare.goto(`${named}/admin/sign-in`);
  assert.equal(await bare.locator("#passkey:visible").count(), 0, "what needs a script is not there");
});

test("what was refused stands in the record", async (t) => {
  const support = await asStaff(t, "support", "fr", { expected: [404] });
  const status = await support.evaluate(async () => (await fetch("/admin/settings/keys", { method: "POST" })).status);
  assert.equal(status, 404);
  for (const language of Object.keys(languages)) {
    const owner = await asStaff(t, "owner", language);
    await owner.goto(`${base}/admin/journal/deeds?only=refused`);
    assert.ok((await owner.locator("tbody .tag.bad").count()) >= 1);
    await looks(owner, `refused ${language}`);
  }
});
