// csv.mjs: a user as a line of CSV, with rollcall's guard against formulas.
export const columns = [
  "id", "userPrincipalName", "displayName", "firstName", "lastName", "phoneNumber", "usageLocation", "immutableId",
  "userDomainType", "state", "lastDirectorySyncTime", "softDeletionTime",
];

const formula = /^\s*[=+\-@\t\r\n＝＋－＠]/;
const quoted = /[",\r\n]|^ /;

export function line(user) {
  let text = "";
  for (let i = 0; i < columns.length; i++) {
    let cell = user[columns[i]] ?? "";
    if (formula.test(cell)) cell = "'" + cell;
    if (quoted.test(cell)) cell = '"' + cell.replaceAll('"', '""') + '"';
    text += i ? "," + cell : cell;
  }
  return text + "\n";
}

// write waits when the pipe is full.
export async function write(text) {
  if (!process.stdout.write(text)) await new Promise((done) => process.stdout.once("drain", done));
}
