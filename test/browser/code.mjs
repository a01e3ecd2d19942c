// What an app for codes shows.
import { createHmac } from "node:crypto";

/** code is what an app for codes shows: RFC 6238 over a secret in base 32. */
export function code(secret, steps = 0) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const at = Buffer.alloc(8);
  at.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const h = createHmac("sha1", key).update(at).digest();
  return String((h.readUInt32BE(h[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
