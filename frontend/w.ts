// w.js, the widget on the pages of a shop: a button that opens what the program gives, and for
// who is signed in his link and what he has. It is an element of its own, whose inside the
// shop's style sheets do not reach; it never opens by itself, and stays away when we do.
//   <script async src="https://club.shop.example/w.js"></script>
//   <cagnotte-widget site="shop" token="…"></cagnotte-widget>
interface Words {
  lang: string; hue: number; launcher: string; title: string; text: string[]; close: string; copy: string; copied: string; share: string;
  link?: string; link_name: string; message?: string; balance: string; amounts?: string[]; channels?: [string, string][]; open: [string, string];
}

// What a shop says of everything ("* {font-size:44px!important}") reaches the element itself
// and is inherited into it, so each outermost element inside begins anew. A constructed sheet
// needs no style-src of the shop.
const css = `:host{display:contents!important}
.l,.p{all:initial;--b:oklch(.47 .09 var(--h,172));--on:#fff;--bg:#fff;--ink:#14191a;--mu:#4b5659;--ln:#d5dbdb;box-sizing:border-box;position:fixed;z-index:2147483000;inset:auto max(16px,env(safe-area-inset-right)) max(16px,env(safe-area-inset-bottom)) auto;font:400 15px/1.45 system-ui,sans-serif;color-scheme:light dark;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){.l,.p{--b:oklch(.78 .11 var(--h,172));--on:#0d1413;--bg:#171b1c;--ink:#eef2f2;--mu:#a9b4b6;--ln:#3a4345}}
:host([side=left]) :is(.l,.p){right:auto;left:max(16px,env(safe-area-inset-left))}
.p *{box-sizing:border-box;margin:0}[hidden]{display:none!important}
button,a{font:inherit;cursor:pointer}:focus-visible{outline:3px solid var(--b);outline-offset:2px}h2:focus{outline:0}
.l,.c{border:0;background:var(--b);color:var(--on);font-weight:600;border-radius:99px;padding:12px 20px;min-height:48px;text-align:center;text-decoration:none;cursor:pointer}
.l{max-width:calc(100vw - 32px);box-shadow:0 6px 24px rgb(0 0 0/.22)}
.p{display:grid;grid-template-columns:minmax(0,1fr);gap:14px;width:min(348px,calc(100vw - 24px));max-height:min(620px,calc(100dvh - 32px));overflow:auto;background:var(--bg);color:var(--ink);border:1px solid var(--ln);border-radius:18px;box-shadow:0 16px 48px rgb(0 0 0/.28);padding:20px}
h2{font-size:19px;line-height:1.25;padding-right:40px}p{color:var(--mu)}
.x{position:absolute;top:8px;right:8px;width:44px;height:44px;border:0;border-radius:50%;background:none;color:var(--mu);font-size:24px;line-height:1}
.w{display:grid;gap:8px;background:var(--b);color:var(--on);border-radius:14px;padding:12px 16px}.w b{display:block;font-size:22px;line-height:1.25}
.k{display:flex;gap:8px;border:1px solid var(--mu);border-radius:12px;padding:4px 4px 4px 12px;align-items:center}.k input{flex:1;min-width:0;border:0;background:none;color:inherit;font:inherit}
.k button,.n,li a{border:1px solid var(--ln);border-radius:10px;background:none;color:inherit;min-height:44px;padding:10px;font-weight:600;text-decoration:none;text-align:center}
ul{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(96px,1fr));gap:8px}li a{display:block;font-weight:400;font-size:14px;padding:11px 4px}
.s{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
@media(prefers-reduced-motion:no-preference){.p{animation:a .18s ease-out}@keyframes a{from{opacity:0;transform:translateY(8px)}}}
@media(forced-colors:active){.l,.c{border:1px solid}}`;

const h = <K extends keyof HTMLElementTagNameMap>(tag: K, at: Record<string, string> = {}, ...inside: (Node | string)[]) => {
  const e = document.createElement(tag);
  for (const k in at) e.setAttribute(k, at[k]!);
  e.append(...inside);
  return e;
};

const from = (document.currentScript as HTMLScriptElement | null)?.src || document.querySelector<HTMLScriptElement>('script[src$="/w.js"]')?.src;

class Widget extends HTMLElement {
  #words?: Words;
  #panel?: HTMLElement;
  #button?: HTMLElement;
  #root?: ShadowRoot;

  async connectedCallback() {
    if (this.#root) return;
    try {
      const root = (this.#root = this.attachShadow({ mode: "open" })), sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      const base = new URL(this.getAttribute("src") || from!).origin, token = this.getAttribute("token");
      const lang = this.getAttribute("lang") || document.documentElement.lang || navigator.language;
      // A token travels in the body: addresses stand in logs.
      const res = await fetch(`${base}/w/${encodeURIComponent(this.getAttribute("site") || "")}.json?l=${encodeURIComponent(lang.slice(0, 2))}`,
        token ? { method: "POST", body: token, credentials: "omit" } : { credentials: "omit" });
      if (!res.ok) return;
      const words: Words = (this.#words = await res.json());
      if (token) this.#tell("identify", { token });
      sheet.insertRule(`.l,.p{--h:${+words.hue}}`, sheet.cssRules.length);
      this.#button = h("button", { class: "l", type: "button", "aria-haspopup": "dialog", lang: words.lang }, words.launcher);
      this.#button.onclick = () => this.open();
      root.append(this.#button);
      this.dispatchEvent(new Event("ready", { bubbles: true }));
    } catch {} // the shop never breaks because of us
  }

  /** open shows the panel, as the button does. */
  open() {
    const c = this.#words;
    if (!c) return;
    if (!this.#panel) this.#root!.append((this.#panel = this.#build(c)));
    this.#show(true);
  }

  #build(c: Words) {
    const x = h("button", { class: "x", type: "button", "aria-label": c.close }, "×"), live = h("span", { class: "s", role: "status" });
    x.onclick = () => this.#show(false);
    const p = h("div", { class: "p", role: "dialog", "aria-labelledby": "t", lang: c.lang }, h("h2", { id: "t", tabindex: "-1" }, c.title));
    if (c.amounts) p.append(h("div", { class: "w" }, h("div", {}, c.balance, ...c.amounts.map((v) => h("b", {}, v)))));
    if (c.link) {
      const i = h("input", { readonly: "", value: c.link, "aria-label": c.link_name }), b = h("button", { type: "button" }, c.copy);
      b.onclick = async () => {
        try { await navigator.clipboard.writeText(c.link!); } catch { i.select(); document.execCommand("copy"); }
        b.textContent = live.textContent = c.copied;
        setTimeout(() => { b.textContent = c.copy; live.textContent = ""; }, 1800);
      };
      i.onfocus = () => i.select();
      p.append(h("div", { class: "k" }, i, b));
      if ("share" in navigator) {
        const n = h("button", { class: "n", type: "button" }, c.share);
        n.onclick = () => navigator.share({ text: c.message, url: c.link }).catch(() => {});
        p.append(n);
      }
      if (c.channels) p.append(h("ul", {}, ...c.channels.map(([n, u]) => h("li", {}, h("a", { href: u, target: "_blank", rel: "noopener" }, n)))));
    }
    p.append(...c.text.map((t) => h("p", {}, t)), h("a", { class: "c", href: c.open[1] }, c.open[0]), live, x);
    p.onkeydown = (e) => { if (e.key === "Escape") this.#show(false); };
    return p;
  }

  #show(yes: boolean) {
    this.#panel!.hidden = !yes;
    this.#button!.hidden = yes;
    (yes ? this.#panel!.querySelector<HTMLElement>("h2")! : this.#button!).focus();
  }

  // tell says something to the tracker, if it is there.
  #tell(what: string, more: object) {
    const w = window as any;
    if (w.cagnotte) w.cagnotte(what, more);
    else (w.cagnotte = function (...a: unknown[]) { w.cagnotte.q.push(a); }, (w.cagnotte.q = [[what, more]]));
  }
}

if (!customElements.get("cagnotte-widget")) customElements.define("cagnotte-widget", Widget);
