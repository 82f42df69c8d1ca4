package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// serve calls the handler without a network.
func serve(e *emulator.Emulator, path, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer admin-agent")
	if token != "" {
		r.Header.Set("MS-ContinuationToken", token)
	}
	w := httptest.NewRecorder()
	w.Body.Grow(300_000)
	e.ServeHTTP(w, r)
	return w
}

// BenchmarkPageOf500 makes one page of the big customer's users; the baseline
// only decodes it, as every client of the page has to.
func BenchmarkPageOf500(b *testing.B) {
	e := emulator.New(emulator.Options{NoBOM: true})
	path := "/v1/customers/" + emulator.NorthwindID + "/users?size=500"
	b.Run("as they come", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			serve(e, path, "")
		}
	})
	b.Run("by name", func(b *testing.B) {
		serve(e, path+"&sortField=DisplayName", "") // sorted once
		b.ReportAllocs()
		for b.Loop() {
			serve(e, path+"&sortField=DisplayName", "")
		}
	})
	b.Run("baseline: decoding it", func(b *testing.B) {
		page := serve(e, path, "").Body.Bytes()
		b.ReportAllocs()
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			var v any
			if err := json.Unmarshal(page, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWholeCustomer reads 100,000 users in pages of 500 by name from a
// fresh emulator, the sorting included.
func BenchmarkWholeCustomer(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		e := emulator.New(emulator.Options{NoBOM: true})
		path := "/v1/customers/" + emulator.NorthwindID + "/users?size=500&sortField=DisplayName"
		token, bytes, users := "", 0, 0
		for {
			body := serve(e, path, token).Body.String()
			bytes += len(body)
			users += strings.Count(body, `"objectType":"CustomerUser"`)
			rest, more := strings.CutPrefix(body, `{"continuationToken":"`)
			if !more {
				break
			}
			token, _, _ = strings.Cut(rest, `"`)
			path = "/v1/customers/" + emulator.NorthwindID + "/users?seekOperation=Next"
		}
		if users != 100_000 {
			b.Fatalf("%d users", users)
		}
		b.ReportMetric(float64(bytes)/float64(users), "B/user")
	}
}
