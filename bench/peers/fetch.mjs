// fetch.mjs: all users to CSV by Node's own fetch, a page at a time.
import { columns, line, write } from "./csv.mjs";

const { BASE, TOKEN, CUSTOMER } = process.env;
await write(columns.join(",") + "\n");
let uri = `/customers/${CUSTOMER}/users?size=500`;
let following = {};
while (uri) {
  const answer = await fetch(`${BASE}/v1${uri}`, {
    headers: { Authorization: `Bearer ${TOKEN}`, Accept: "application/json", ...following },
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  const page = await answer.json();
  let text = "";
  for (const user of page.items) text += line(user);
  await write(text);
  const next = page.links.next;
  uri = next?.uri;
  following = Object.fromEntries((next?.headers ?? []).map((h) => [h.key, h.value]));
}
