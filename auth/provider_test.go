package auth

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// TestProviderIsSpokenToByTLS12: with less than that no secret of ours leaves.
func TestProviderIsSpokenToByTLS12(t *testing.T) {
	for version, spoken := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
			server.StartTLS()
			t.Cleanup(server.Close)
			r := newRig(t, storetest.Memory, nil)
			_, err := newProvider(Tenant{Issuer: server.URL, ID: partnerID}, r.cfg, r.clock).get(t.Context())
			// Where the versions meet, it gets as far as the certificate, which nobody trusts.
			_, met := errors.AsType[*tls.CertificateVerificationError](err)
			if !errors.Is(err, ErrProvider) || met != spoken {
				t.Errorf("%v; want that it gets as far as the certificate: %v", err, spoken)
			}
		})
	}
}

// TestProviderAnswersAreLimited: of what a provider says, a megabyte is read.
func TestProviderAnswersAreLimited(t *testing.T) {
	for name, tt := range map[string]struct {
		padding int
		taken   bool
	}{"as they are": {0, true}, "below a megabyte": {1<<20 - 2<<10, true}, "beyond": {1 << 20, false}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			r.provider.discovery = func(document map[string]any) { document["padding"] = strings.Repeat("x", tt.padding) }
			_, err := newProvider(r.cfg.Tenants[0], r.cfg, r.clock).get(t.Context())
			if taken := err == nil; taken != tt.taken || !taken && !errors.Is(err, ErrProvider) {
				t.Errorf("%v, want that it is taken: %v", err, tt.taken)
			}
		})
	}

	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for part := make([]byte, 64<<10); r.Context().Err() == nil; {
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	r := newRig(t, storetest.Memory, nil)
	answer, err := newProvider(Tenant{Issuer: endless.URL}, r.cfg, r.clock).client.Get(endless.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); n != 1<<20 || err != nil {
		t.Errorf("%d bytes and %v of an endless answer, want a megabyte", n, err)
	}
}
