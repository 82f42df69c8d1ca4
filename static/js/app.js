// The one script of every page. HTML does the work; each module makes one
// thing smoother, and is idle where its element is absent.
import "../vendor/htmx/htmx.esm.js";
import "./announce.js";
import "./connection.js";
import "./copy.js";
import "./copy_row.js";
import "./countdown.js";
import "./disabled.js";
import "./download.js";
import "./draft.js";
import "./enter.js";
import "./focus.js";
import "./keys.js";
import "./layers.js";
import "./palette.js";
import "./poll.js";
import "./search.js";
import "./select.js";
import "./session.js";
import "./star.js";
import "./theme.js";
import "./zone.js";
