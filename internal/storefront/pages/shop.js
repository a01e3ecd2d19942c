// What the pages of the shop tell Cagnotte's tracker. Calls made before it has loaded wait
// in a queue. The shop works without this.
window.cagnotte = window.cagnotte || function () {
  (window.cagnotte.q = window.cagnotte.q || []).push(arguments);
};
if (document.body.dataset.consent === "yes") {
  window.cagnotte("consent", { granted: true });
}
const order = document.getElementById("order");
if (order) {
  const said = JSON.parse(order.dataset.order); // as GA4 wants it
  window.cagnotte("order", { id: said.transaction_id, total: said.value, currency: said.currency });
}
if (document.querySelector("main a[href='/checkout']")) {
  window.cagnotte("cart", {});
}
