// zone.js: tells the server the browser's time zone, so that times are written
// in it from the next page on; a zone chosen in the settings goes before it.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const secure = location.protocol === "https:" ? "; secure" : "";
if (zone) document.cookie = `rollcall-zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
