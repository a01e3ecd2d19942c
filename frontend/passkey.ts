// What pages need that ask for a passkey: the options of the server for the browser, and what
// the browser answers back into the form. Browsers that have none see nothing of it.
const bytes = (s: string) => Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (b: ArrayBuffer | null) => b && btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

interface Named { id: any }

/** read makes bytes of what travels as text. */
function read(o: any) {
  o.challenge = bytes(o.challenge);
  if (o.user) o.user.id = bytes(o.user.id);
  for (const list of [o.allowCredentials, o.excludeCredentials]) list?.forEach((c: Named) => { c.id = bytes(c.id); });
  return o;
}

/** written makes text of what the browser answers. */
function written(c: PublicKeyCredential) {
  const r = c.response as any, response: Record<string, unknown> = { clientDataJSON: text(r.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (r[part]) response[part] = text(r[part]);
  if (r.getTransports) response.transports = r.getTransports();
  return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: {} });
}

for (const field of document.querySelectorAll<HTMLElement>("[data-passkey]")) {
  if (!("PublicKeyCredential" in window)) break;
  field.hidden = false;
  const button = field.querySelector("button")!, said = field.querySelector("[role=alert]")!, form = field.closest("form")!;
  button.addEventListener("click", async () => {
    said.textContent = "";
    button.disabled = true;
    try {
      const answer = await fetch(field.dataset.ask!, { method: "POST" });
      if (!answer.headers.get("content-type")?.includes("json")) {
        said.textContent = answer.headers.get("content-type")?.includes("plain") ? await answer.text() : field.dataset.again!;
        return;
      }
      const publicKey = read((await answer.json()).publicKey);
      const c = await (field.dataset.passkey === "create" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      field.querySelector("input")!.value = written(c as PublicKeyCredential);
      form.submit();
    } catch (e) {
      said.textContent = (e as Error).name === "InvalidStateError" ? field.dataset.known! : field.dataset.again!;
    } finally {
      button.disabled = false;
    }
  });
}
