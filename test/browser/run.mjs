// Runs every *.test.mjs beside it, or those that are named, one after another, in contexts of
// one browser, and writes one line of JSON for each thing that a test says. browser_test.go
// starts it.
import { readdirSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { chromium } from "playwright-core";
import { prepare } from "./prepare.mjs";
import { signOn } from "./shop.mjs";

// What a browser in a machine without a screen, a sound card or friends needs.
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];

const here = import.meta.dirname;
const named = process.argv.slice(2);
const files = readdirSync(here).filter((f) => f.endsWith(".test.mjs") && (!named.length || named.includes(f)));

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const cause = (e) => (e?.cause ? cause(e.cause) : (e?.stack ?? String(e)));

await prepare();
process.env.CAGNOTTE_TOKEN = await signOn({ sub: "customer-1", email: "customer@example.com", given_name: "Iwo" });
files.sort((a, b) => b.startsWith("tracker") - a.startsWith("tracker")); // its token holds for minutes
const browser = await chromium.launchServer({ executablePath: process.env.CAGNOTTE_CHROMIUM, headless: true, args: flags });
process.env.CAGNOTTE_BROWSER = browser.wsEndpoint();
try {
  const tests = run({ files: files.map((f) => path.join(here, f)), concurrency: 1, timeout: 1_200_000 });
  let ended; // the test that ended last: what it measured follows its end
  for await (const { type, data } of tests) {
    const file = data?.file ? path.basename(data.file) : "";
    if (type === "test:stdout" || type === "test:stderr") say({ file, output: data.message });
    if (type === "test:diagnostic" && ended?.file === file) ended.output += `${data.message}\n`;
    if ((type === "test:pass" || type === "test:fail") && data.details.type !== "suite") {
      if (ended) say(ended);
      ended = {
        file, name: data.name, passed: type === "test:pass" && !data.skip && !data.todo,
        milliseconds: Math.round(data.details.duration_ms), output: type === "test:fail" ? `${cause(data.details.error)}\n` : "",
      };
    }
  }
  if (ended) say(ended);
} finally {
  await browser.close();
}
