// What the demo shop needs before the tests look at it: gifts to choose, and a twin that
// shows itself and runs a program, since only a twin's clock can be moved.
import { api, base } from "./shop.mjs";

export const gift = "TASSE";

const program = `program "Invite a friend"
  starts 2020-01-01
  earn 1 point per 1.00 EUR, round down
  joined: refer friend 2.00 EUR, referrer 1.00 EUR, on sign-up
  ordered: refer friend 5.00 EUR, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days
`;

export async function prepare() {
  await api("test", "POST", "/v1/programs", { text: program });
  await api("test", "POST", "/v1/members", { id: "customer", number: "7000", external_id: "customer-1", email: "customer@example.com", first_name: "Iwo" });
  const prices = [{ unit: "points", amount: 20 }];
  const mug = { name: "Mug", names: { fr: "Tasse", pl: "Kubek", en: "Mug" }, prices, delivery: "parcel" };
  const bike = { name: "Bike", names: { fr: "Vélo", pl: "Rower", en: "Bike" }, prices: [{ unit: "points", amount: 90000 }], delivery: "by_hand" };
  await api("live", "PUT", "/v1/sites/PARIS-11", { name: "Paris, rue de Charonne", address: "24 rue de Charonne, 75011 Paris", opening_hours: "10 h – 19 h" });
  await api("live", "PUT", "/v1/sites/GDANSK", { name: "Gdańsk, ulica Długa", address: "Długa 12, 80-827 Gdańsk", archived: true });
  await api("live", "PUT", "/v1/channels/insta", { name: "Instagram" });
  await api("live", "PUT", "/v1/groups/gold", { name: "Gold" });
  for (const shop of ["live", "test"]) {
    await api(shop, "PUT", `/v1/gifts/${gift}`, { id: "g1", actor: "test", gift: mug });
    await api(shop, "PUT", "/v1/gifts/VELO", { id: "g2", actor: "test", gift: bike });
  }
  const { sign_on_secret, ...look } = await api("test", "GET", "/v1/portal"); // the secret is told, never set
  const twin = await api("test", "GET", "/v1/shop");
  await api("test", "PUT", "/v1/portal", { ...look, on: true, country: "FR", base: `${base}/p/${twin.slug}`, hosts: [process.env.CAGNOTTE_PAGES] });
}
