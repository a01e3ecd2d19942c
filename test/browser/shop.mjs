// The shop behind the pages, as its own server and its people know it: the API, the clock of
// its twin, the letters that it sent.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** The address of the server that is tested; its first shop answers there. */
export const base = process.env.CAGNOTTE_BASE;
/** The small web shop beside it, on an origin of its own. */
export const storefront = process.env.CAGNOTTE_STOREFRONT;
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

/** enrol makes somebody a member of the shop, or of its twin, and gives the code of his link. */
export async function enrol(shop, member) {
  const { member: made } = await api(shop, "POST", "/v1/members", { id: `join-${member.number}`, ...member });
  return (await api(shop, "GET", `/v1/members/${made}/code`)).code;
}

/** signOn is the token by which the twin's own pages name somebody: it holds for minutes, once. */
export async function signOn(who) {
  const { sign_on_secret: secret } = await api("test", "GET", "/v1/portal");
  const claims = { aud: "demo-test", exp: Math.floor(Date.now() / 1000) + 280, jti: randomUUID(), ...who };
  const text = [{ alg: "HS256", typ: "JWT" }, claims].map((x) => Buffer.from(JSON.stringify(x)).toString("base64url")).join(".");
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** later moves the clock of the twin. */
export async function later(days) {
  const { now } = await api("test", "GET", "/v1/shop");
  await api("test", "POST", "/v1/shop/clock", { at: new Date(Date.parse(now) + days * 86_400_000).toISOString() });
}

async function outbox(shop, ...args) {
  const { stdout } = await promisify(execFile)(process.env.CAGNOTTE_BIN, ["outbox", ...args, "--data", process.env.CAGNOTTE_DATA, "--shop", shop, "--limit", "500"]);
  return stdout;
}

/** lettersTo lists the ids of what was written to an address about a moment, newest first. */
async function lettersTo(address, moment, shop) {
  const rows = (await outbox(shop)).split("\n").slice(1).map((row) => row.split(/ {2,}/));
  return rows.filter(([, , what, , , to]) => what === moment && to === address).map(([which]) => which);
}

/** letter gives the text of the letter that is written to an address because of an act. */
export async function letter(address, moment, shop, act) {
  const before = await lettersTo(address, moment, shop);
  await act();
  for (let tries = 0; tries < 60; tries++) {
    const [newest] = (await lettersTo(address, moment, shop)).filter((which) => !before.includes(which));
    if (newest) return outbox(shop, newest);
    await pause(250); // another process writes it
  }
  assert.fail(`no letter about ${moment} came for ${address}`);
}

/** entry is the code and the link of the letter that lets somebody in. */
export async function entry(address, shop, act) {
  const text = await letter(address, "sign_in", shop, act);
  return { code: text.match(/^\s+(\d{6})$/m)[1], link: text.match(/https?:\S+\/sign-in\/\S+/)[0] };
}
