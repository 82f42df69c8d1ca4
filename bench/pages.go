package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// perPage is the greatest page that the service gives.
const perPage = 500

// The shape of the wire form, whole: what a plain client decodes to.
type (
	header struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	link struct {
		URI     string   `json:"uri"`
		Method  string   `json:"method"`
		Headers []header `json:"headers"`
	}
	links struct {
		Self *link `json:"self,omitempty"`
		Next *link `json:"next,omitempty"`
	}
	attributes struct {
		ObjectType string `json:"objectType"`
	}
	wholeUser struct {
		keptUser
		Links      links      `json:"links"`
		Attributes attributes `json:"attributes"`
	}
	wholePage struct {
		ContinuationToken string      `json:"continuationToken"`
		TotalCount        int         `json:"totalCount"`
		Items             []wholeUser `json:"items"`
		Links             links       `json:"links"`
		Attributes        attributes  `json:"attributes"`
	}
)

// The same with only what a list of users needs.
type (
	keptUser struct {
		UsageLocation         string `json:"usageLocation"`
		ID                    string `json:"id"`
		UserPrincipalName     string `json:"userPrincipalName"`
		FirstName             string `json:"firstName"`
		LastName              string `json:"lastName"`
		DisplayName           string `json:"displayName"`
		ImmutableID           string `json:"immutableId"`
		PhoneNumber           string `json:"phoneNumber"`
		LastDirectorySyncTime string `json:"lastDirectorySyncTime"`
		UserDomainType        string `json:"userDomainType"`
		State                 string `json:"state"`
		SoftDeletionTime      string `json:"softDeletionTime"`
	}
	keptPage struct {
		Items []keptUser `json:"items"`
		Links struct {
			Next *link `json:"next"`
		} `json:"links"`
	}
)

func (l links) next() (uri, token string) {
	if l.Next == nil {
		return "", ""
	}
	for _, h := range l.Next.Headers {
		if h.Key == "MS-ContinuationToken" {
			token = h.Value
		}
	}
	return l.Next.URI, token
}

func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }

// recordPages asks the emulator for that many pages of users, in this process.
func recordPages(n int) ([][]byte, error) {
	service := emulator.New(emulator.Options{BigUsers: n * perPage})
	uri, token := fmt.Sprintf("/customers/%s/users?size=%d", emulator.NorthwindID, perPage), ""
	var bodies [][]byte
	for uri != "" {
		r := httptest.NewRequest(http.MethodGet, "/v1"+uri, nil)
		r.Header.Set("Authorization", "Bearer admin-agent")
		r.Header.Set("Accept", "application/json")
		if token != "" {
			r.Header.Set("MS-ContinuationToken", token)
		}
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			return nil, fmt.Errorf("the emulator answered %d: %s", w.Code, w.Body)
		}
		var page struct {
			Links links `json:"links"`
		}
		if err := json.Unmarshal(withoutBOM(w.Body.Bytes()), &page); err != nil {
			return nil, err
		}
		bodies = append(bodies, w.Body.Bytes())
		uri, token = page.Links.next()
	}
	if len(bodies) != n {
		return nil, fmt.Errorf("%d pages, wanted %d", len(bodies), n)
	}
	return bodies, nil
}

// same reports the first user in which two lists differ.
func same(want, got []keptUser) error {
	if len(want) != len(got) {
		return fmt.Errorf("%d users, wanted %d", len(got), len(want))
	}
	for i := range want {
		if want[i] != got[i] {
			return fmt.Errorf("user %d is %+v, wanted %+v", i, got[i], want[i])
		}
	}
	return nil
}
