// Passkeys, with an authenticator that Chromium plays: the twin answers at localhost meanwhile,
// since browsers have no passkeys for an address of numbers.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { accessible, fits, open, plain, shot, signIn } from "./lib.mjs";
import { gift } from "./prepare.mjs";
import { api, base, enrol, twin } from "./shop.mjs";
import { languages } from "./table.mjs";

const named = twin.replace("127.0.0.1", "localhost");
const usual = { expected: [422] };

async function move(to) {
  const { sign_on_secret, ...look } = await api("test", "GET", "/v1/portal"); // the secret is told, never set
  await api("test", "PUT", "/v1/portal", { ...look, base: to });
}

before(() => move(named));
after(() => move(twin));

/** phone gives a page an authenticator whose owner is always there. */
async function phone(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    keys: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    take: (credential) => devtools.send("WebAuthn.addCredential", { authenticatorId, credential }),
    verify: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** someone is a member of the twin who has points, signed in on a page with a phone. */
async function someone(t, number, name) {
  const email = `${name.toLowerCase()}@example.com`;
  await enrol("test", { number, email, first_name: name, locale: "fr" });
  const { data: [{ id }] } = await api("test", "GET", `/v1/members?number=${number}`);
  await api("test", "POST", `/v1/members/${id}/adjustments`, { id: `give-${number}`, unit: "points", amount: 500, reason: "test", actor: "test" });
  const page = await open(t, usual);
  const device = await phone(page);
  await signIn(page, email, named);
  return { id, email, page, device };
}

/** add makes a passkey on the page's phone, by what a person presses. */
async function add(page, name) {
  await page.goto(`${named}/profile`);
  await page.locator("main a[href$='/profile/passkeys']").click();
  await page.locator("#name").fill(name);
  await page.locator("#passkey").click();
  await page.locator(".what", { hasText: name }).waitFor();
}

async function leave(page) {
  await page.goto(`${named}/profile`);
  await page.locator("form[action$='/sign-out'] button").click();
  await page.locator("main a[href$='/sign-in']").waitFor();
  await page.goto(`${named}/sign-in`);
}

/** enters presses the button of the sign-in page, and says what was sent. */
async function enters(page) {
  let sent;
  const note = (r) => { if (r.method() === "POST" && r.url().endsWith("/sign-in/passkey")) sent = r.postData(); };
  page.on("request", note);
  await page.locator("#passkey").click();
  await page.locator("a.me, .note.bad").first().waitFor();
  page.off("request", note);
  return sent;
}

const claimed = (page) => page.locator("h1[data-focus]");
const refused = (page) => page.locator(".note.bad");

test("a member adds a passkey, signs in with it, and has a gift by it", async (t) => {
  const { page, device } = await someone(t, "7100", "Lena");
  await add(page, "Mon téléphone");
  const [key] = await device.keys();
  assert.equal(key.rpId, "localhost");
  assert.equal(Buffer.from(key.userHandle, "base64").length, 32, "random bytes name the member");
  await page.goto(`${named}/profile/passkeys`);
  await page.locator("#passkey").click();
  await page.getByText("Cet appareil a déjà une de vos clés d’accès.").waitFor();
  assert.equal((await device.keys()).length, 1, "a device makes one passkey");

  await page.goto(`${named}/gifts/${gift}`);
  for (const [id, v] of [["street", "1 rue des Lilas"], ["postal_code", "69003"], ["city", "Lyon"]]) await page.locator(`#${id}`).fill(v);
  assert.equal(await page.locator("#pin").count(), 0);
  await accessible(page, "a claim with a passkey");
  await shot(page, "passkey-claim");
  await page.locator("#passkey").click();
  await claimed(page).waitFor();

  await leave(page);
  await accessible(page, "signing in with a passkey");
  await shot(page, "passkey-sign-in");
  await enters(page);
  assert.equal(await page.locator("a.me").innerText(), "Lena");
});

test("an answer that was given once is worth nothing again", async (t) => {
  const { page } = await someone(t, "7101", "Nora");
  await add(page, "Phone");
  await leave(page);
  let ticket;
  page.on("response", async (r) => {
    if (r.url().endsWith("/sign-in/passkey/ask")) ticket = (await r.headerValue("set-cookie")).match(/^([^=]+)=([^;]+)/);
  });
  const sent = await enters(page);
  assert.ok(sent && ticket, "what was sent is known");
  const other = await open(t, usual);
  await other.context().addCookies([{ name: ticket[1], value: ticket[2], url: named }]);
  await other.goto(`${named}/sign-in`);
  const again = await other.evaluate(async ([at, body]) => {
    const r = await fetch(`${at}/sign-in/passkey`, { method: "POST", body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    return [r.status, await r.text()];
  }, [named, sent]);
  assert.equal(again[0], 422);
  assert.match(again[1], /Cela a pris trop de temps|n’est pas connue ici/, "its challenge is used, and its counter is behind");
  await other.goto(`${named}/profile`);
  assert.equal(await other.locator("a.me").count(), 0);
});

test("another member's passkey is no proof, nor one that was removed, nor without its owner", async (t) => {
  const hers = await someone(t, "7102", "Olga");
  await add(hers.page, "Olga");
  const his = await someone(t, "7103", "Piotr");
  await add(his.page, "Piotr");
  for (const k of await hers.device.keys()) await his.device.take(k);
  await his.page.goto(`${named}/gifts/${gift}`);
  const [mine] = await hers.device.keys();
  // A script of a thief: his own challenge, answered by her passkey.
  await his.page.route("**/passkey/ask", async (route) => {
    const answer = await route.fetch();
    const options = await answer.json();
    options.publicKey.allowCredentials = [{ type: "public-key", id: Buffer.from(mine.credentialId, "base64").toString("base64url") }];
    await route.fulfill({ response: answer, json: options });
  });
  await his.page.locator("#passkey").click();
  await refused(his.page).waitFor();
  assert.match(await refused(his.page).innerText(), /n’est pas connue ici/);
  await accessible(his.page, "a refused passkey");
  await his.page.unroute("**/passkey/ask");

  await his.device.verify(false);
  await his.page.goto(`${named}/gifts/${gift}`);
  await his.page.locator("#passkey").click();
  await his.page.getByText("Cela n’a pas fonctionné.").waitFor(); // the device refuses by itself
  await his.device.verify(true);

  await hers.page.goto(`${named}/profile/passkeys`);
  await hers.page.locator("form[action$='/remove'] button").click();
  await hers.page.waitForFunction(() => !document.querySelector("form[action$='/remove']"));
  assert.equal((await hers.device.keys()).length, 1, "the device does not know of it");
  await leave(hers.page);
  await enters(hers.page);
  assert.match(await refused(hers.page).innerText(), /n’est pas connue ici/);
});

test("the code of a till is a second proof without a script", async (t) => {
  const { id, email } = await someone(t, "7104", "Rita");
  const page = await open(t, { javaScriptEnabled: false, ...usual });
  await signIn(page, email, named);
  const { code } = await api("test", "POST", `/v1/members/${id}/till-code`);
  const other = code === "000000" ? "000001" : "000000";
  await page.goto(`${named}/gifts/${gift}`);
  assert.equal(await page.locator("#passkey:visible").count(), 0, "what needs a script is not there");
  await page.locator("summary").click();
  for (const [field, v] of [["street", "1 rue des Lilas"], ["postal_code", "69003"], ["city", "Lyon"], ["till", other]]) await page.locator(`#${field}`).fill(v);
  await page.locator("main form button:not([type])").click();
  assert.match(plain(await refused(page).innerText()), /Ce n’est pas le bon code/);
  assert.ok(await page.locator("#till").isVisible(), "the field of the mistake is seen");
  await page.locator("#till").fill(code);
  await page.locator("main form button:not([type])").click();
  await claimed(page).waitFor();
});

test("the pages of passkeys are accessible in each language", async (t) => {
  const { page } = await someone(t, "7105", "Sara");
  await add(page, "Phone");
  for (const language of Object.keys(languages)) {
    await page.goto(`${named}/language/${language}`);
    for (const at of ["/profile/passkeys", "/profile", `/gifts/${gift}`]) {
      await page.goto(named + at);
      for (const [width, colorScheme] of [[390, "light"], [320, "dark"]]) {
        await page.setViewportSize({ width, height: 844 });
        await page.emulateMedia({ colorScheme });
        await fits(page, `${at} ${language}`);
        await accessible(page, `${at} ${language} ${colorScheme}`);
        await shot(page, `passkeys ${at} ${language} ${width}`);
      }
      assert.doesNotMatch(await page.locator("body").innerText(), /\b(passkey|problem|portal)\.\w+/);
    }
  }
});

test("the script comes where it is used, and small", async (t) => {
  const page = await open(t);
  const scripts = [];
  page.on("request", (r) => { if (r.resourceType() === "script") scripts.push(new URL(r.url()).pathname); });
  await page.goto(`${named}/join`);
  assert.deepEqual(scripts.filter((s) => s.includes("passkey")), []);
  await page.goto(`${named}/sign-in`);
  const [script] = scripts.filter((s) => s.includes("passkey"));
  const answer = await fetch(base + script, { headers: { "accept-encoding": "gzip" } });
  const bytes = Number(answer.headers.get("content-length"));
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes < 1_500, `${bytes} bytes`);
});
