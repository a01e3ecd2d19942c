// The shop behind the pages, as its own server and its people know it: the API, the clock of
// its twin, the letters that it sent.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** The address of the server that is tested; its first shop answers there. */
export const base = process.env.CAGNOTTE_BASE;
/** The pages of the first shop's twin. */
export const twin = `${base}/p/demo-test`;

const keys = { live: process.env.CAGNOTTE_LIVE_KEY, test: process.env.CAGNOTTE_TEST_KEY };

/** api asks the shop, or its twin ("live", "test"), as the shop's server would. */
export async function api(shop, method, at, body) {
  const answer = await fetch(base + at, {
    method, headers: { Authorization: `Bearer ${keys[shop]}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${at}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

/** later moves the clock of the twin. */
export async function later(days) {
  const { now } = await api("test", "GET", "/v1/shop");
  await api("test", "POST", "/v1/shop/clock", { at: new Date(Date.parse(now) + days * 86_400_000).toISOString() });
}

/** letter waits for a message to an address that `seen` does not hold yet, and gives its text. */
export async function letter(address, moment, { shop = "demo", seen = new Set() } = {}) {
  const outbox = async (...args) => {
    const { stdout } = await promisify(execFile)(process.env.CAGNOTTE_BIN, ["outbox", ...args, "--data", process.env.CAGNOTTE_DATA, "--shop", shop]);
    return stdout;
  };
  for (let tries = 0; tries < 60; tries++) {
    for (const row of (await outbox()).split("\n").slice(1)) {
      const [which, , what, , , to] = row.split(/ {2,}/);
      if (what === moment && to === address && !seen.has(which)) {
        seen.add(which);
        return outbox(which);
      }
    }
    await pause(250); // another process writes it
  }
  assert.fail(`no letter about ${moment} came for ${address}`);
}

const letters = new Set();

/** codeOf waits for the letter that lets somebody in, and gives its code and its link. */
export async function codeOf(address, shop = "demo") {
  const text = await letter(address, "sign_in", { shop, seen: letters });
  return { code: text.match(/^\s+(\d{6})$/m)[1], link: text.match(/https?:\S+\/sign-in\/\S+/)[0] };
}
