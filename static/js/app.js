// The one script of every page. HTML does the work; each module makes one
// thing smoother, and is idle where its element is absent.
import "../vendor/htmx/htmx.esm.js";
