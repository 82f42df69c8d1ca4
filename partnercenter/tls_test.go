package partnercenter

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestNoTLSBefore12: a service that speaks less is not spoken to, whatever the
// program has set for all its clients.
func TestNoTLSBefore12(t *testing.T) {
	lax := http.DefaultTransport.(*http.Transport).Clone()
	lax.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS10}
	for name, transport := range map[string]http.RoundTripper{"the program sets nothing": defaultTransport(), "the program allows 1.0": hardened(lax)} {
		for version, spoken := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
			t.Run(name+", "+tls.VersionName(version), func(t *testing.T) {
				asked := false
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
				server.StartTLS()
				t.Cleanup(server.Close)
				err := listUsers(t.Context(), clientOf(t, Options{BaseURL: server.URL, Transport: transport, Retry: RetryOptions{Tries: 1}}))
				// Where the versions meet, it gets as far as the certificate, which nobody trusts.
				_, met := errors.AsType[*tls.CertificateVerificationError](err)
				if !errors.Is(err, ErrUnavailable) || met != spoken || asked {
					t.Errorf("%v; want that it gets as far as the certificate: %v", err, spoken)
				}
			})
		}
	}
}
