// The first run, on a server of its own with nothing in it: the link that `cagnotte serve`
// prints, the shop, a second factor, the first program's page. The server is killed on the way.
import assert from "node:assert/strict";
import test from "node:test";
import { code } from "./code.mjs";
import { accessible, fits, open, shot } from "./lib.mjs";
import { folder, serve } from "./served.mjs";

test("from an empty machine to the first program", async (t) => {
  const { data, remove } = folder();
  let server = await serve(data);
  t.after(async () => { await server.kill("SIGTERM"); remove(); });
  const addr = new URL(server.at).host;
  const again = async () => { await server.kill("SIGKILL"); server = await serve(data, addr); };
  assert.ok(server.first.startsWith(server.at));
  const before = server.first;
  await again(); // nobody has opened the link yet: the next start prints another one
  assert.ok(server.first && server.first !== before);

  const page = await open(t, { locale: "pl-PL", viewport: { width: 1360, height: 900 }, expected: [422, 404] });
  let clicks = 0;
  const click = async (what) => { clicks++; await page.locator(what).click(); };
  await page.goto(before);
  assert.match(await page.locator("main").innerText(), /niczego już nie otwiera/);
  await page.goto(server.first);
  await accessible(page, "the first page");
  await shot(page, "first run shop pl");
  assert.equal(await page.locator("#currency").inputValue(), "PLN");
  await page.locator("#shop").fill("Lawendowy Dom");
  await page.locator("#person").fill("Alicja Kaczmarek");
  await page.locator("#email").fill("alicja@example.com");
  await page.locator("#password").fill("haslo1234");
  await click("main .btn.pri");
  await page.locator("#password-wrong").waitFor();
  assert.equal(await page.locator("#shop").inputValue(), "Lawendowy Dom", "what was typed stays");
  await page.locator("#password").fill("piąta rano na placu");
  await click("main .btn.pri");
  await page.waitForURL(/\/admin\/factor$/);
  await accessible(page, "the second factor");
  await shot(page, "first run factor pl");

  await again();
  assert.equal(server.first, undefined, "there is a shop");
  await page.reload(); // the session is there
  const secret = await page.locator("[name=secret]").inputValue();
  await page.locator("#code").fill(code(secret));
  await click("main .btn.pri");
  await page.waitForURL(/\/admin\/first$/);
  for (const width of [1360, 390, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await fits(page, `first program ${width}`);
    await accessible(page, `first program ${width}`);
    await shot(page, `first run program pl ${width}`);
  }
  await page.setViewportSize({ width: 1360, height: 900 });
  assert.equal(await page.locator("#base").inputValue(), `${server.at}/p/lawendowy-dom`);
  assert.equal(await page.locator("#country").inputValue(), "PL");

  await again();
  await page.goto(`${server.at}/admin/account`);
  await page.locator("form[action='/admin/sign-out'] button").click();
  await page.locator("#email").fill("alicja@example.com");
  await page.locator("#password").fill("piąta rano na placu");
  await page.locator("main .btn.pri").click();
  await page.locator("#code").fill(code(secret, 1));
  await page.locator("main .btn.pri").click();
  await page.waitForURL(/\/admin\/first$/); // whoever was interrupted goes on
  await click("label.rc:has([value=referral-both])");
  await click("main .btn.pri");
  await page.waitForURL(/\/admin\/programs\/wizard\/new\?template=referral-both$/);
  assert.ok(clicks <= 6, `${clicks} clicks`);
  assert.equal((await fetch(`${server.at}/p/lawendowy-dom/`)).status, 200, "the members' pages are open");
  assert.equal((await fetch(`${server.at}/p/lawendowy-dom-test/`)).status, 200, "those of the test shop, too");
  await page.goto(`${server.at}/admin`);
  assert.match(await page.locator("main").innerText(), /Alicja|Pulpit/);
});
