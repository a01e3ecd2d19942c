// The keyboard alone.
import test from "node:test";
import { tab } from "./keys.mjs";
import { open, shot } from "./lib.mjs";
import { base, entry } from "./shop.mjs";
import { as } from "./table.mjs";

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
