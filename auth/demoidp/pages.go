package demoidp

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

//go:embed style.css
var styleCSS []byte

//go:embed mark.svg
var markSVG []byte

// assets are the addresses of the two files the pages load; a file's address
// has the hash of its content in it, so it never changes.
type assets struct{ style, mark string }

func hashed(content []byte, extension string) string {
	sum := sha256.Sum256(content)
	return "/assets/" + hex.EncodeToString(sum[:8]) + extension
}

// pages are what a person sees.
type pages struct {
	storage *storage
	assets  assets
	client  string // address of the client's front page
	host    string // the same for reading
	policy  string
	logger  *slog.Logger
}

func newPages(s *storage, opts Options) *pages {
	p := &pages{
		storage: s, logger: opts.Logger,
		assets: assets{style: hashed(styleCSS, ".css"), mark: hashed(markSVG, ".svg")},
		client: origin(opts.RedirectURIs[0]),
	}
	if u, err := url.Parse(p.client); err == nil {
		p.host = u.Host
	}
	// Browsers hold the redirects that follow a form against form-action, and
	// ours end at the client.
	targets := []string{"'self'"}
	for _, address := range opts.RedirectURIs {
		if o := origin(address); o != "" && !slices.Contains(targets, o) {
			targets = append(targets, o)
		}
	}
	p.policy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action " + strings.Join(targets, " ")
	return p
}

func (p *pages) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /pick", p.showPick)
	mux.Handle("POST /pick", http.NewCrossOriginProtection().Handler(http.HandlerFunc(p.doPick)))
	mux.HandleFunc("GET /signed-out", p.showSignedOut)
	mux.HandleFunc("GET "+p.assets.style, asset("text/css; charset=utf-8", styleCSS))
	mux.HandleFunc("GET "+p.assets.mark, asset("image/svg+xml", markSVG))
}

// showPick answers GET /pick, where the protocol sends people to.
func (p *pages) showPick(w http.ResponseWriter, r *http.Request) {
	a, err := p.storage.open(r.URL.Query().Get("id"))
	if err != nil {
		p.gone(w, r)
		return
	}
	page := pickPage{Request: a.id, At: p.host, People: p.storage.listPeople(), Assets: p.assets, NoFactor: p.storage.playsNoMFA(), Factor: a.factor}
	for _, person := range page.People {
		if a.asked.LoginHint != "" && strings.EqualFold(person.UPN, a.asked.LoginHint) {
			page.Hinted = person.ObjectID
		}
	}
	p.render(w, r, http.StatusOK, pick(page))
}

// doPick answers POST /pick and hands back to the protocol.
func (p *pages) doPick(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	id := r.PostFormValue("id")
	if err := p.storage.pick(id, r.PostFormValue("person"), r.PostFormValue("second_factor") != "no"); err != nil {
		p.gone(w, r)
		return
	}
	http.Redirect(w, r, "/authorize/callback?id="+url.QueryEscape(id), http.StatusSeeOther)
}

func (p *pages) gone(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusGone, note(notePage{
		Title: "This sign-in is over", Text: "It has expired, or was used already. Nobody was signed in. Begin again at Rollcall.",
		Link: "Go to Rollcall", Href: templ.URL(p.client), Assets: p.assets,
	}))
}

// showSignedOut answers GET /signed-out, for a sign-out without a way back.
func (p *pages) showSignedOut(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, note(notePage{
		Title: "Signed out", Text: "You are signed out of the demo.",
		Link: "Go to Rollcall", Href: templ.URL(p.client), Assets: p.assets,
	}))
}

// render sends a page once it is whole.
func (p *pages) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var body bytes.Buffer
	if err := page.Render(r.Context(), &body); err != nil {
		p.logger.Error("page not rendered", slog.Any("error", err))
		http.Error(w, "The page can't be shown.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", p.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the browser has gone; nobody is left to tell
}

func asset(contentType string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(content)
	}
}
