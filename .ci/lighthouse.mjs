// Runs Lighthouse over the pages that are asked for on stdin and answers with
// what it found: {chrome, performance, pages: [{name, url, cookies: [{name, value}]}]} in,
// one line of {name, form, at, scores, faults} out for each page and form. One
// browser for all; performance is measured where asked for, as on a phone.
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const { chrome, pages, performance } = JSON.parse(input);

const browser = await launch({
  chromePath: chrome,
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-component-update", "--disable-background-networking"],
});
const devtools = await puppeteer.connect({ browserURL: `http://127.0.0.1:${browser.port}` });
const gated = ["accessibility", "best-practices"];
try {
  for (const { name, url, cookies } of pages) {
    await devtools.deleteCookie(...(await devtools.cookies()));
    await devtools.setCookie(...cookies.map((cookie) => ({ ...cookie, domain: new URL(url).hostname, path: "/" })));
    for (const [form, config] of [["mobile", undefined], ["desktop", desktopConfig]]) {
      const look = () => lighthouse(url, {
        port: browser.port,
        logLevel: "error",
        onlyCategories: performance && form === "mobile" ? ["performance", ...gated] : gated,
        disableFullPageScreenshot: true,
        disableStorageReset: true,
        pauseAfterFcpMs: 0, pauseAfterLoadMs: 0, networkQuietThresholdMs: 300, cpuQuietThresholdMs: 300,
      }, config);
      let { lhr } = await look();
      if (lhr.runtimeError?.code === "NO_NAVSTART") ({ lhr } = await look()); // the browser recorded too late: on a busy machine, now and then
      if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
      const failed = gated.flatMap((category) => lhr.categories[category].auditRefs)
        .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1);
      console.log(JSON.stringify({
        name, form, at: lhr.finalDisplayedUrl,
        scores: Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)])),
        faults: failed.map(({ id }) => `${lhr.audits[id].title} ${JSON.stringify(lhr.audits[id].details?.items ?? []).slice(0, 600)}`),
      }));
    }
  }
} finally {
  await browser.kill();
}
