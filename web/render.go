package web

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largestKept bounds what a pooled buffer may hold on to.
const largestKept = 1 << 20

func borrow() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= largestKept {
		buffers.Put(b)
	}
}

// wantsFragment says whether htmx asked for a part of the page that it will
// put into the page on screen. Back and full loads get the whole page.
func wantsFragment(r *http.Request) bool {
	return r.Header.Get("Hx-Request-Type") == "partial" && r.Header.Get("Hx-History-Restore-Request") == ""
}

// target is the ID of the element that htmx will fill; the header has the
// form "tag#id".
func target(r *http.Request) string {
	_, id, _ := bytes.Cut([]byte(r.Header.Get("Hx-Target")), []byte("#"))
	return string(id)
}

// render answers with the page, or with the fragment alone where htmx asked
// for one. Nothing is sent before all of it is made.
func render(c echo.Context, page, fragment templ.Component) error {
	component := page
	if fragment != nil && wantsFragment(c.Request()) {
		component = fragment
	}
	return renderStatus(c, http.StatusOK, component)
}

func renderStatus(c echo.Context, status int, component templ.Component) error {
	b := borrow()
	defer giveBack(b)
	if err := component.Render(c.Request().Context(), b); err != nil {
		return err
	}
	c.Response().Header().Set("Vary", "HX-Request-Type, HX-History-Restore-Request, HX-Target, Accept-Encoding")
	return send(c, status, "text/html; charset=utf-8", b.Bytes())
}

// send writes a finished answer, compressed where it is worth it.
func send(c echo.Context, status int, contentType string, body []byte) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, contentType)
	if len(body) >= smallestCompressed && acceptsGzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
		packed := borrow()
		defer giveBack(packed)
		if err := compress(packed, body); err != nil {
			return err
		}
		h.Set(echo.HeaderContentEncoding, "gzip")
		body = packed.Bytes()
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(body)
	return err
}

// goTo sends the browser on with a GET; htmx is told to load the page, since
// it would put a followed redirect's whole page into the fragment's place.
func goTo(c echo.Context, address string) error {
	if c.Request().Header.Get("Hx-Request") == "true" {
		c.Response().Header().Set("HX-Redirect", address)
		return c.NoContent(http.StatusOK)
	}
	return c.Redirect(http.StatusSeeOther, address)
}
