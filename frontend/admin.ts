// What a script adds to the back office: lists that follow while somebody types, ticks for
// many rows at once, the theme, the texts of charts, keys. Each screen works without it, and
// each answer of the server is a whole page: what is taken over from it is named by id.
const $ = <T extends Element>(s: string, r: ParentNode = document) => r.querySelector<T>(s);
const $$ = <T extends Element>(s: string, r: ParentNode = document) => [...r.querySelectorAll<T>(s)];
const root = document.documentElement;

// A page that comes from our own server is the only HTML that a script ever reads.
type Policy = { createHTML(s: string): string };
const types = (window as { trustedTypes?: { createPolicy(n: string, p: Policy): Policy } }).trustedTypes;
const ours = types ? types.createPolicy("cagnotte", { createHTML: (s) => s }) : { createHTML: (s: string) => s };

/** One request at a time for each part of the page; a later one ends the earlier. */
const asked = new Map<string, AbortController>();

/**
 * take asks for a page and puts the parts that are named (ids, separated by spaces) in the
 * place of those that are shown. What has the focus keeps it.
 */
async function take(at: string, parts: string, init: RequestInit = {}): Promise<boolean> {
  asked.get(parts)?.abort();
  const stop = new AbortController();
  asked.set(parts, stop);
  root.classList.add("asking");
  try {
    const got = await fetch(at, { ...init, signal: stop.signal, headers: { "X-Part": parts }, credentials: "same-origin" });
    if (got.redirected && !got.url.includes("/admin")) throw new Error("elsewhere");
    const page = new DOMParser().parseFromString(ours.createHTML(await got.text()) as string, "text/html");
    const found = parts.split(" ").map((id) => page.getElementById(id));
    if (found.some((x) => !x)) { // signed out, or something went wrong: show it whole, unless somebody is typing
      if ((init.method ?? "GET") === "GET") location.assign(at);
      return false;
    }
    const focus = document.activeElement?.id;
    for (const x of found) document.getElementById(x!.id)?.replaceWith(document.adoptNode(x!));
    if (focus && document.activeElement?.id !== focus) document.getElementById(focus)?.focus();
    const aloud = $("#aloud"), count = $<HTMLElement>("[data-aloud]");
    if (aloud && count) aloud.textContent = count.dataset.aloud!;
    return true;
  } catch (e) {
    if ((e as Error).name !== "AbortError" && (init.method ?? "GET") === "GET") location.assign(at);
    return false;
  } finally {
    if (asked.get(parts) === stop) { asked.delete(parts); root.classList.remove("asking"); }
  }
}

/** What this page's address is, whatever place in it. */
const address = () => location.pathname + location.search;
let shown = address();

/** The address that a GET form leads to, without what is empty. */
function leads(form: HTMLFormElement): string {
  const at = new URL(form.action);
  at.search = "";
  for (const [name, value] of new FormData(form)) if (value) at.searchParams.append(name, String(value));
  return at.href;
}

// A form that is live: its list follows as somebody types, and the address says so.
const later = new Map<HTMLFormElement, number>();
function follow(form: HTMLFormElement, wait: number) {
  clearTimeout(later.get(form));
  later.set(form, window.setTimeout(() => {
    const at = leads(form);
    take(at, form.dataset.live!).then((done) => { if (done) { history.replaceState(null, "", at); shown = address(); } });
  }, wait));
}
document.addEventListener("input", (e) => {
  // What is not saved yet is said, and not lost by a click beside it.
  (e.target as Element).closest("form[data-unsaved]")?.classList.add("dirty");
  const hue = (e.target as Element).closest<HTMLInputElement>("[data-hue]");
  if (hue) root.style.setProperty("--h", hue.value);
  const form = (e.target as Element).closest<HTMLFormElement>("form[data-live]");
  if (form) follow(form, 150);
  // A form whose sentence and preview follow while it is filled in (nothing is saved by that).
  const draft = (e.target as Element).closest<HTMLFormElement>("form[data-preview]");
  if (draft) {
    clearTimeout(later.get(draft));
    later.set(draft, window.setTimeout(() => void take(draft.dataset.previewAt!, draft.dataset.preview!, { method: "POST", body: new URLSearchParams(new FormData(draft) as never) }), 250));
  }
});
document.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  if (form.dataset.live && form.method === "get") { e.preventDefault(); follow(form, 0); return; }
  form.classList.remove("dirty");
  // A second click sends nothing a second time.
  if (form.dataset.sent) { e.preventDefault(); return; }
  form.dataset.sent = "1";
  window.setTimeout(() => delete form.dataset.sent, 4000);
});

// A field of a text goes where somebody last wrote.
let writing: HTMLTextAreaElement | undefined;
document.addEventListener("focusin", (e) => { if (e.target instanceof HTMLTextAreaElement) writing = e.target; });
for (const b of $$<HTMLElement>("[data-insert]")) b.hidden = false;

document.addEventListener("click", (e) => {
  const at = e.target as Element;
  // Links within a list change the list alone.
  const link = at.closest<HTMLAnchorElement>("a[data-part]");
  if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) {
    e.preventDefault();
    take(link.href, link.dataset.part!).then((done) => { if (done) { history.pushState(null, "", link.href); shown = address(); } });
    return;
  }
  if (at.closest(".save a.un")) at.closest("form")!.classList.remove("dirty"); // thrown away on purpose
  if (at.closest("[data-theme-toggle]")) {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* not kept */ }
  }
  const toggle = at.closest<HTMLElement>("[data-toggle]");
  if (toggle) toggle.setAttribute("aria-expanded", String(document.getElementById(toggle.dataset.toggle!)!.classList.toggle("open")));
  else if (!at.closest("#side")) { $("#side.open")?.classList.remove("open"); $("[data-toggle=side]")?.setAttribute("aria-expanded", "false"); }
  if (at.closest("[data-print]")) print();
  const field = at.closest<HTMLElement>("[data-insert]");
  if (field) {
    const text = writing?.isConnected ? writing : $<HTMLTextAreaElement>("textarea");
    if (text) { text.focus(); text.setRangeText(field.dataset.insert!, text.selectionStart, text.selectionEnd, "end"); text.dispatchEvent(new Event("input", { bubbles: true })); }
  }
  const copy = at.closest<HTMLElement>("[data-copy]");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy!).then(() => { const a = $("#aloud"); if (a) a.textContent = copy.dataset.said!; copy.classList.add("copied"); });
});

window.addEventListener("beforeunload", (e) => { if ($("form.dirty")) e.preventDefault(); });

// Back and forward show the page of their address. A link to a place in this page leads nowhere
// else: what was typed into it stays.
window.addEventListener("popstate", () => { if (address() !== shown) location.reload(); });

document.addEventListener("keydown", (e) => {
  const typing = (e.target as Element).closest("input,textarea,select,[contenteditable]");
  if ((e.ctrlKey || e.metaKey) && e.key === "k") { const q = $<HTMLInputElement>("#everywhere"); if (q) { e.preventDefault(); q.focus(); q.select(); } }
  if (e.key === "/" && !typing) { const q = $<HTMLInputElement>("[data-hotkey='/']"); if (q) { e.preventDefault(); q.focus(); q.select(); } }
  if (e.key === "Escape") { const open = $("#side.open"); if (open) { open.classList.remove("open"); $<HTMLElement>("[data-toggle=side]")?.focus(); } }
  if (!typing && !e.ctrlKey && !e.metaKey && !e.altKey) { const k = $<HTMLElement>(`[data-key="${CSS.escape(e.key)}"]`); if (k) { e.preventDefault(); k.click(); } }
});

// Ticks of a list: how many, all of the page.
document.addEventListener("change", (e) => {
  const t = e.target as HTMLInputElement;
  const list = t.closest<HTMLElement>("[data-ticks]");
  if (!list || t.type !== "checkbox") return;
  const boxes = $$<HTMLInputElement>("tbody input[type=checkbox]", list);
  if (t.matches("[data-all]")) for (const b of boxes) b.checked = t.checked;
  const n = boxes.filter((b) => b.checked).length;
  const all = $<HTMLInputElement>("[data-all]", list);
  if (all) { all.checked = n > 0 && n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
  const bar = $<HTMLElement>("[data-bulk]", list);
  if (bar) { bar.hidden = n === 0; for (const x of $$("[data-bulk-n]", bar)) x.textContent = String(n); }
});

// A list that is put in order: its parts are dragged to their places, and its form takes the order over. Buttons do the same.
for (const list of $$<HTMLElement>("[data-sorts]")) {
  let held: HTMLElement | null = null, began: string[] = [];
  const order = () => $$<HTMLInputElement>("input[name=code]", list).map((x) => x.value);
  for (const x of list.children) (x as HTMLElement).draggable = true;
  list.addEventListener("dragstart", (e) => {
    held = (e.target as Element).closest<HTMLElement>("[data-sorts] > *");
    began = order();
    held?.classList.add("held");
    if (e.dataTransfer) e.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (e) => {
    if (!held) return;
    e.preventDefault();
    const over = (e.target as Element).closest<HTMLElement>("[data-sorts] > *");
    if (!over || over === held) return;
    const all = [...list.children];
    over[all.indexOf(held) < all.indexOf(over) ? "after" : "before"](held);
  });
  list.addEventListener("drop", (e) => e.preventDefault());
  list.addEventListener("dragend", () => {
    held?.classList.remove("held");
    held = null;
    if (order().join() !== began.join()) list.closest("form")?.requestSubmit();
  });
}

// What a chart says at a point; text alone, placed by the object model, which a strict policy allows.
const tip = $<HTMLElement>("#tip");
document.addEventListener("pointermove", (e) => {
  if (!tip) return;
  const at = (e.target as Element).closest?.("[data-tip]");
  tip.hidden = !at;
  if (!at) return;
  tip.textContent = at.getAttribute("data-tip");
  const r = tip.getBoundingClientRect();
  tip.style.left = `${Math.min(innerWidth - r.width - 8, e.clientX + 14)}px`;
  tip.style.top = `${Math.max(8, e.clientY - r.height - 12)}px`;
});

// Parts that go on by themselves, such as the progress of a long task: asked for again until they say that they are done. Nothing
// is asked for a page that nobody sees, or at which nobody has done anything for ten minutes: a session must be able to end.
let active = Date.now();
for (const e of ["pointermove", "pointerdown", "keydown"]) document.addEventListener(e, () => { active = Date.now(); }, { passive: true });
function again(id: string) {
  const wait = document.getElementById(id)?.dataset.again;
  if (!wait) return;
  window.setTimeout(async () => {
    if (!document.getElementById(id)?.dataset.again) return;
    if (!document.hidden && Date.now() - active < 600_000) await take(location.href, id);
    again(id);
  }, Number(wait));
}
for (const x of $$<HTMLElement>("[data-again]")) again(x.id);

// What was typed into a form that is sent stays with its place in the history of this tab, and Back shows it again: no browser
// does that for pages that it may not store. With it stays what the deed is known by, so that the same form again is the same
// deed. Passwords and codes do not stay, nor drafts, which the server keeps, with whoever else writes them.
type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type Kept = { form: string; fields: [name: string, value: string][] };
const sent = (form: HTMLFormElement) => form.method === "post" && !form.elements.namedItem("revision") && !form.elements.namedItem("password");
const stays = (e: Element): e is Field =>
  e.matches("input[name], select[name], textarea[name]") && (e.matches("[name=once]") || !e.matches("[type=hidden], [type=password], [type=file], [autocomplete=one-time-code]"));
window.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  if (e.defaultPrevented || !sent(form)) return;
  const fields: Kept["fields"] = [];
  for (const x of form.elements) if (stays(x) && (!x.matches("[type=radio], [type=checkbox]") || (x as HTMLInputElement).checked)) fields.push([x.name, x.value]);
  history.replaceState({ kept: { form: form.action, fields } satisfies Kept }, "");
});
const came = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
const kept = (history.state as { kept?: Kept } | null)?.kept;
if (kept && came?.type === "back_forward") {
  const form = $$<HTMLFormElement>("form").find((f) => sent(f) && f.action === kept.form);
  for (const x of form?.elements ?? []) {
    if (!stays(x)) continue;
    if (x.matches("[type=radio], [type=checkbox]")) (x as HTMLInputElement).checked = kept.fields.some(([name, value]) => name === x.name && value === x.value);
    else x.value = kept.fields.find(([name]) => name === x.name)?.[1] ?? x.value;
  }
}

$<HTMLElement>("[data-focus]")?.focus();
