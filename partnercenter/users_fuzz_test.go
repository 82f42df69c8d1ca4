package partnercenter

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pageSeeds are pages that tell a careful decoder from a careless one.
var pageSeeds = map[string]string{
	"one user":                  `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"Daniel Tsai"}]}`,
	"no users":                  `{"totalCount":0,"items":[],"attributes":{"objectType":"Collection"}}`,
	"byte order mark":           "\xef\xbb\xbf" + `{"items":[]}`,
	"two byte order marks":      "\xef\xbb\xbf\xef\xbb\xbf" + `{"items":[]}`,
	"white space":               " { \"items\" : [ { \"id\"\t:\r\n\"a9ef48bb-8758-4590-a312-d4a47bfaded4\" , \"state\" : null } ] } ",
	"keys in another case":      `{"ITEMS":[{"Id":"A9EF48BB-8758-4590-A312-D4A47BFADED4","UserPrincipalName":"a@b","ſtate":"active","STATE":"inactive","phonenumber":"1"}],"LINKS":{"NEXT":{"URI":"` + usersPath + `?x","Headers":[{"KEY":"MS-ContinuationToken","VALUE":"AQ"}]}}}`,
	"links in another case":     `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","lin` + "\u212a" + `s":{"SELF":{"URI":"/customers/` + otherID + `"}}}]}`,
	"ID with a g":               `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfadedg"}]}`,
	"ID with an at sign":        `{"items":[{"id":"@9ef48bb-8758-4590-a312-d4a47bfaded4"}]}`,
	"ID with a hyphen too many": `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a4-bfaded4"}]}`,
	"ID without a hyphen":       `{"items":[{"id":"a9ef48bb-8758-4590-a312ad4a47bfaded4"}]}`,
	"vertical tab":              "{\v\"items\":[]}",
	"unit separator":            `{"x":"` + "\x1f" + `","items":[]}`,
	"unknown fields":            `{"x":{"y":[1,-0.5e+7,true,false,null,"\u00e9"]},"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","new":[[],{},[{"a":[]}]]}]}`,
	"repeated fields":           `{"items":[{"id":"x","id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","state":"active","state":null,"firstName":"A","firstName":"B"}]}`,
	"repeated items":            `{"items":[],"Items":[]}`,
	"repeated links":            `{"links":null,"items":[],"links":{}}`,
	"repeated next":             `{"items":[],"links":{"next":{"uri":""},"next":null}}`,
	"null everywhere":           `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":null,"links":null,"attributes":null}],"links":null,"continuationToken":null}`,
	"null user":                 `{"items":[null]}`,
	"null items":                `{"items":null}`,
	"null page":                 `null`,
	"user without ID":           `{"items":[{"displayName":"x"}]}`,
	"ID is no GUID":             `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded"}]}`,
	"escapes":                   `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"\"\\\/\b\f\n\r\t\u0041\u00e9\u0000"}]}`,
	"escaped key":               `{"items":[{"\u0069d":"a9ef48bb-8758-4590-a312-d4a47bfaded4","\u0073tate":"inactive"}]}`,
	"surrogates":                `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"\ud83d\ude00 \ud83d \ude00 \ud83d\u0041 \ud83dx \udc00\ud800\udc00"}]}`,
	"bad UTF-8":                 `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"` + "a\xffb\xc3\xed\xa0\x80\xf0\x9f\x98" + `"}]}`,
	"bad UTF-8 in a key":        `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","st` + "\xff" + `ate":"x"}]}`,
	"control character":         `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"` + "a\x01b" + `"}]}`,
	"bad escape":                `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"\x41"}]}`,
	"cut escape":                `{"items":[{"displayName":"\u00`,
	"number for a text":         `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","state":1}]}`,
	"object for a text":         `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":{"a":1}}]}`,
	"text for links":            `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":"x"}]}`,
	"text for the page's links": `{"items":[],"links":"x"}`,
	"number for a token":        `{"continuationToken":5,"items":[]}`,
	"leading zero":              `{"totalCount":04,"items":[]}`,
	"bad numbers":               `{"a":1.,"items":[]}`,
	"trailing comma":            `{"items":[],}`,
	"trailing text":             `{"items":[]} x`,
	"trailing zero byte":        `{"items":[]}` + "\x00",
	"cut":                       `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4"`,
	"empty":                     ``,
	"other customer's user":     `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"self":{"uri":"/customers/` + otherID + `/users/a9ef48bb-8758-4590-a312-d4a47bfaded4","method":"GET","headers":[]}}}]}`,
	"hidden other customer":     `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"self":{"uri":"/customers/` + testCustomer + `/../` + otherID + `/users/x"}}}]}`,
	"self link in versions":     `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"self":{"uri":"/v1//customers/` + testCustomer + `/users/a9ef48bb-8758-4590-a312-d4a47bfaded4"}}}]}`,
	"self link, the last counts": `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"self":{"uri":"/customers/` + otherID + `"}},` +
		`"links":{"self":{"uri":"/customers/` + testCustomer + `/users/a9ef48bb-8758-4590-a312-d4a47bfaded4","method":"GET","headers":[]}}}]}`,
	"next link":             `{"items":[],"links":{"next":{"uri":"/customers/` + testCustomer + `/users?seekOperation=Next","method":"GET","headers":[{"key":"MS-ContinuationToken","value":"AQAAAA=="}]}},"attributes":{}}`,
	"next link first":       `{"links":{"next":{"uri":"/v1/customers/` + testCustomer + `/users?seekOperation=Next","headers":[{"key":"ms-continuationtoken","value":"AQ"}]}},"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"self":{}}}]}`,
	"token in the body":     `{"continuationToken":"AQ==","items":[],"links":{"next":{"uri":"/customers/` + testCustomer + `/users?seekOperation=Next"}}}`,
	"next link elsewhere":   `{"items":[],"links":{"next":{"uri":"/customers/` + otherID + `/users?seekOperation=Next"}}}`,
	"next link in a text":   `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"\"links\":{\"next\":{}}}"}]}`,
	"links inside a user":   `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"next":{"uri":"/customers/` + testCustomer + `/users?x"}}}]}`,
	"links below the links": `{"items":[],"links":{"links":{"next":{"uri":"/customers/` + testCustomer + `/users?x"}}}}`,
	"unbalanced tail":       `{"items":[],"a":{"links":{"next":{"uri":"/customers/` + testCustomer + `/users?x"}}}`,
	"times":                 `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","softDeletionTime":"2017-01-20T00:33:34.1234567Z","lastDirectorySyncTime":"2017-01-20T00:33:34"}]}`,
	"no time":               `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","softDeletionTime":"June 24 2016"}]}`,
	"deep":                  `{"a":` + strings.Repeat("[", 9999) + strings.Repeat("]", 9999) + `,"items":[]}`,
	"too deep":              `{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `,"items":[]}`,
	"deep in a user":        `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"self":{"a":` + strings.Repeat("[", 9995) + strings.Repeat("]", 9995) + `}}}]}`,
	"too deep in a user":    `{"items":[{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","links":{"self":{"a":` + strings.Repeat("[", 9996) + strings.Repeat("]", 9996) + `}}}]}`,
}

// decoded is what both decoders give.
type decoded struct {
	Users []User
	Next  Continuation
}

// decodeBoth decodes a page by our decoder and by the reference. current is
// the page it is: the first or a later one.
func decodeBoth(body []byte, current cursor) (ours, reference decoded, ourErr, referenceErr error) {
	reference.Users, reference.Next, referenceErr = decodeUsers(body, testCustomer, current)
	page, ourErr := newRawUserPage(answerOf(body), current)
	if ourErr == nil {
		ours.Next = page.Next
		ours.Users, ourErr = page.users()
	}
	return ours, reference, ourErr, referenceErr
}

func compareDecoders(t *testing.T, body []byte) {
	t.Helper()
	ours, reference, ourErr, referenceErr := decodeBoth(body, testCursor)
	if (ourErr == nil) != (referenceErr == nil) {
		t.Fatalf("on %.2000q\nours: %v\nencoding/json: %v", body, ourErr, referenceErr)
	}
	if ourErr != nil {
		return
	}
	if diff := cmp.Diff(reference, ours); diff != "" {
		t.Errorf("on %.2000q (-encoding/json +ours):\n%s", body, diff)
	}
	// What the scan of the tail finds is proved by the pass over the page.
	if page, err := newRawUserPage(answerOf(body), testCursor); err != nil || page.Each(func(*RawUser) error { return nil }) != nil {
		t.Errorf("on %.2000q: decoded once, but not again", body)
	}
}

func TestUsersPageAgreesWithEncodingJSON(t *testing.T) {
	for name, body := range pageSeeds {
		t.Run(name, func(t *testing.T) { compareDecoders(t, []byte(body)) })
	}
	t.Run("generated page", func(t *testing.T) { compareDecoders(t, usersPage(500, 0, "AQAAAA==")) })
}

// Cut anywhere, with any byte changed: the decoders must agree on that too.
func TestUsersPageAgreesOnDamagedPages(t *testing.T) {
	body := usersPage(3, 0, "AQAAAA==")
	for i := range body {
		compareDecoders(t, body[:i])
		for _, c := range []byte{0, 0x0b, 0x1f, '"', '\\', '{', '}', ',', 'g', 0xff} {
			damaged := bytes.Clone(body)
			damaged[i] = c
			compareDecoders(t, damaged)
		}
	}
}

// Decoding costs nothing that the garbage collector would see, however the
// texts are written.
func TestEachDoesNotAllocate(t *testing.T) {
	body := usersPage(100, 0, "AQAAAA==")
	for name, body := range map[string][]byte{
		"as the service writes": body,
		"versioned self links":  bytes.ReplaceAll(body, []byte(`{"uri":"/customers`), []byte(`{"uri":"/v1/customers`)),
		"escaped":               bytes.ReplaceAll(body, []byte("ü"), []byte(`\u00fc`)),
		"with white space":      bytes.ReplaceAll(body, []byte(`,"`), []byte(",\n\t\"")),
	} {
		t.Run(name, func(t *testing.T) {
			page, err := newRawUserPage(answerOf(body), testCursor)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			count := func(*RawUser) error { n++; return nil }
			if allocs := testing.AllocsPerRun(10, func() {
				if err := page.Each(count); err != nil {
					t.Fatal(err)
				}
			}); allocs > 0 {
				t.Errorf("%v allocations for %d users", allocs, n/11)
			}
			allocs := testing.AllocsPerRun(10, func() {
				if _, err := page.users(); err != nil {
					t.Fatal(err)
				}
			})
			if allocs > 5 { // two, and the closure's
				t.Errorf("%v allocations for structs of 100 users", allocs)
			}
		})
	}
}

func FuzzUsersPage(f *testing.F) {
	for _, body := range pageSeeds {
		if len(body) < 5000 { // the deep ones only slow the search down
			f.Add([]byte(body))
		}
	}
	f.Add(usersPage(2, 0, "AQAAAA=="))
	if sample, err := os.ReadFile("testdata/documented/users-list.json"); err == nil {
		f.Add(sample)
	}
	f.Fuzz(compareDecoders)
}
