// graph.mjs: all users to CSV by the Microsoft Graph JavaScript client and its
// PageIterator, from pages in Graph's envelope.
import graph from "@microsoft/microsoft-graph-client";
import { columns, line, write } from "./csv.mjs";

const { BASE, TOKEN, CUSTOMER } = process.env;
const client = graph.Client.init({
  baseUrl: `${BASE}/`,
  defaultVersion: "v1",
  authProvider: (done) => done(null, TOKEN),
});
await write(columns.join(",") + "\n");
let text = "";
const first = await client.api(`/customers/${CUSTOMER}/users?size=500`).get();
const pages = new graph.PageIterator(client, first, (user) => {
  text += line(user);
  if (text.length > 1 << 16) {
    process.stdout.write(text);
    text = "";
  }
  return true;
});
await pages.iterate();
await write(text);
