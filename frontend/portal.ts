// What a script adds to the pages of members and friends: copying, sharing by the phone's
// own sheet, and the note that somebody really looked at a friend's page. Each of
// these pages works without it.
const $ = <T extends Element>(s: string) => document.querySelector<T>(s);

document.addEventListener("click", async (e) => {
  const at = e.target as Element;
  const copy = at.closest<HTMLElement>("[data-copy]");
  if (copy) {
    const from = $<HTMLInputElement>(copy.dataset.copy!)!;
    try { await navigator.clipboard.writeText(from.value); } catch { from.select(); document.execCommand("copy"); }
    const said = $<HTMLElement>("#said");
    if (said) said.textContent = copy.dataset.said!;
    const was = copy.textContent;
    copy.textContent = copy.dataset.said!;
    setTimeout(() => { copy.textContent = was; if (said) said.textContent = ""; }, 1800);
  }
  const share = at.closest<HTMLElement>("[data-share]");
  if (share) navigator.share({ text: $<HTMLTextAreaElement>("#text")?.value ?? share.dataset.text, url: share.dataset.share }).catch(() => {});
});

for (const b of document.querySelectorAll<HTMLElement>("[data-share]")) b.hidden = !("share" in navigator);
for (const b of document.querySelectorAll<HTMLElement>("[data-script]")) b.hidden = false;
if (!matchMedia("(pointer: coarse)").matches) for (const b of document.querySelectorAll<HTMLElement>("[data-touch]")) b.hidden = true;

// The message that a member edits goes into the links of the channels as he types.
const text = $<HTMLTextAreaElement>("#text");
text?.addEventListener("input", () => {
  for (const a of document.querySelectorAll<HTMLAnchorElement>("[data-form]")) a.href = a.dataset.form!.replace("%7Btext%7D", encodeURIComponent(text.value));
});

// A friend's page is seen when somebody had it before him for a second.
const seen = $<HTMLElement>("[data-seen]");
if (seen) {
  let left = 1000, since = 0, timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      since = performance.now();
      timer = window.setTimeout(() => { document.removeEventListener("visibilitychange", look); navigator.sendBeacon(seen.dataset.seen!, new URLSearchParams({ v: seen.dataset.proof! })); }, left);
    } else if (since) left -= performance.now() - since;
  };
  document.addEventListener("visibilitychange", look);
  look();
}

$<HTMLElement>("[data-focus]")?.focus();
