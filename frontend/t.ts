// t.js, the tracker on the pages of a shop. It reads what the shop already says to its
// statistics (GA4, Segment, Matomo), keeps nothing before a yes, and never throws into the
// page: whatever it needs may be patched, frozen or blocked.
//   <script async src="https://club.shop.example/t.js?site=shop" data-site="shop"></script>
(() => {
  const w = window as any, d = document, me = d.currentScript as HTMLScriptElement | null;
  try {
    // A page within another one may be there so that nobody sees it.
    if (!me || w.top !== w.self) return;
    const base = new URL(me.src).origin, site = me.dataset.site, KEY = "_cgn", MONTH = 2592e6;
    // A shop that names browsers itself says so: one browser has one name.
    const named = me.dataset.visitor?.match(/^[0-9a-z]{16,40}$/)?.[0];
    let yes = me.dataset.consent === "service", token: unknown;
    const safely = (f: (...a: any[]) => void) => (...a: any[]) => { try { f(...a); } catch {} };
    // v: this browser; c, t: the code of the first link that led here, and when.
    let kept: { v?: string; c?: string; t?: number } = {};
    const load = () => {
      try {
        const was = JSON.parse(w.localStorage.getItem(KEY)) || {};
        if (was.v) kept.v = was.v;
        if (was.c && Date.now() - was.t < MONTH) { kept.c = was.c; kept.t = was.t; }
      } catch {}
      kept.v = named || kept.v;
      kept.v ||= Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => (b % 36).toString(36)).join("") + Date.now().toString(36);
      try { w.localStorage.setItem(KEY, JSON.stringify(kept)); } catch {}
    };
    const send = (type: string, more: object = {}) => {
      const body = JSON.stringify({ site, type, ...(yes ? { consent: true, visitor: kept.v } : {}), code: kept.c, ...more }), to = base + "/e";
      // text/plain: no preflight.
      try { if (w.navigator.sendBeacon(to, body)) return; } catch {}
      try { w.fetch(to, { method: "POST", body, keepalive: true, mode: "no-cors", credentials: "omit" }).catch(() => {}); } catch {}
    };
    const u = new URL(w.location.href), code = (u.searchParams.get("cgr") || "").match(/^[\w-]{4,40}$/)?.[0];
    if (yes) load();
    if (code) {
      if (!kept.c) { kept.c = code; kept.t = Date.now(); }
      u.searchParams.delete("cgr");
      try { w.history.replaceState(w.history.state, "", u); } catch {}
      if (yes) load();
      send("landing", { code });
    }
    // Until there is a yes, the code goes along in the links within the shop.
    d.addEventListener("click", safely((e) => {
      const a = e.target.closest("a[href]");
      if (a && !yes && kept.c && a.origin === u.origin && !/[?&]cgr=/.test(a.search)) a.search += (a.search ? "&" : "?") + "cgr=" + kept.c;
    }), true);
    const order = (type: string, source: string, id: unknown, total: unknown, currency: unknown) =>
      send(type, { source, ref: id == null ? undefined : "" + id, total: total == null ? undefined : "" + total, currency: currency || undefined });
    const name = () => { if (yes && token) send("identify", { token }); };
    const run = (c: string, p: any = {}) => {
      if (c === "consent") {
        const was = yes;
        if ((yes = !!p.granted)) { load(); if (!was && kept.c) send("landing"); name(); }
        else { kept = { c: kept.c, t: kept.t }; try { w.localStorage.removeItem(KEY); } catch {} }
      } else if (c === "identify") { token = p.token; name(); }
      else if (/^(order|refund|cart)$/.test(c)) order(c, "own", p.id ?? p.order_id, p.total ?? p.value, p.currency);
      else if (typeof p === "function") p({ code: kept.c, visitor: yes ? kept.v : undefined });
    };
    // listen reads what a queue of the shop holds, and what comes into it.
    const listen = (q: any, f: (x: any) => void) => {
      if (!q || !q.push) return;
      f = safely(f);
      for (const x of [...(q.length ? q : [])]) f(x);
      const push = q.push;
      safely(() => { q.push = function (...a: any[]) { a.forEach(f); return push.apply(this, a); }; })();
    };
    const ga: Record<string, string> = { purchase: "order", refund: "refund", add_to_cart: "cart", view_cart: "cart", begin_checkout: "cart" };
    safely(() => listen((w[me.dataset.layer || "dataLayer"] ||= []), (x) => {
      const [type, p] = x[0] === "event" ? [x[1], x[2]] : [x.event, x.ecommerce];
      if (ga[type] && p) order(ga[type]!, "ga4", p.transaction_id, p.value, p.currency);
    }))();
    safely(() => listen((w._paq ||= []), (x) => {
      if (x[0] === "trackEcommerceOrder") order("order", "matomo", x[1], x[2], 0);
      if (x[0] === "trackEcommerceCartUpdate") order("cart", "matomo", null, x[1], 0);
    }))();
    const segment = safely((name: string, p: any = {}) => {
      const type = ({ "Order Completed": "order", "Order Refunded": "refund", "Product Added": "cart", "Cart Viewed": "cart" } as any)[name];
      if (type) order(type, "segment", p.order_id, p.total ?? p.revenue, p.currency);
    });
    safely(() => {
      const a = w.analytics;
      if (!a) return;
      if (Array.isArray(a)) listen(a, (x) => { if (x[0] === "track") segment(x[1], x[2]); });
      if (a.on) a.on("track", segment);
    })();
    const first = w.cagnotte?.q || [];
    safely(() => { w.cagnotte = safely(run); })();
    for (const x of first) safely(run)(...(x as [string]));
  } catch {}
})();
