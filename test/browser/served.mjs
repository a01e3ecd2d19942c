// A server of a test's own, with nothing in it yet.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** serve starts a server and waits until it listens. `first` is the link that it prints to the first shop. */
export async function serve(data, addr = "127.0.0.1:0") {
  const server = spawn(process.env.CAGNOTTE_BIN, ["serve", "--data", data, "--addr", addr, "--limit-entering", "off"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const listens = new Promise((resolve, reject) => {
    server.stdout.on("data", (x) => {
      said += x;
      const at = said.match(/listens on (http:\S+)/);
      if (at) resolve(at[1]);
    });
    server.on("exit", (n) => reject(new Error(`the server ended (${n}): ${said}`)));
  });
  const at = await listens;
  return {
    at, first: said.match(/first shop +(\S+)/)?.[1],
    kill: (how) => new Promise((resolve) => { server.removeAllListeners("exit"); server.on("exit", resolve); server.kill(how); }),
  };
}

/** folder is an empty folder for such a server. */
export function folder() {
  const dir = mkdtempSync(path.join(tmpdir(), "first-run-"));
  return { data: path.join(dir, "data"), remove: () => rmSync(dir, { recursive: true, force: true }) };
}
