package emulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// send makes a call with a JSON body as one of the bearer words; headers are pairs.
func (s service) send(t testing.TB, word, method, path, body string, headers ...string) answer {
	t.Helper()
	a, err := s.try(t, word, method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// try is send for calls whose answer may get lost.
func (s service) try(t testing.TB, word, method, path, body string, headers ...string) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+word)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header[headers[i]] = []string{headers[i+1]}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}, err
}

// must fails the test unless the answer has that status.
func (a answer) must(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%d %s, want %d", a.status, a.body, status)
	}
	return a
}

// refusal is the service's answer with a code, typed from API facts 11.1.
func refusal(code, description string) string {
	return `{"code":` + code + `,"description":"` + description + `","data":[],"source":"PartnerFD"}`
}

const (
	userGone     = `{"code":3000,"description":"The user could not be found.","data":[],"source":"PartnerFD"}`
	noSuchUser   = `{"code":60002,"description":"The user object ID was not found.","data":[],"source":"PartnerFD"}`
	notFound     = `{"code":1000,"description":"The requested resource could not be found.","data":[],"source":"PartnerFD"}`
	invalidInput = `{"code":800002,"description":"Invalid request input.","data":[],"source":"PartnerFD"}`
	nameTaken    = `{"code":3000,"description":"Another object with the same value for property userPrincipalName already exists.","data":[],"source":"PartnerFD"}`
	noLocation   = `{"code":3000,"description":"License assignment cannot be done for user with invalid usage location.","data":[],"source":"PartnerFD"}`
)

// People and products of the documented customer, from the documentation.
const (
	theAdmin   = documented + "/users/6e668259-1f09-479d-bcb8-d9b03e826b8d"
	ferdinand  = documented + "/users/a45f1416-3300-4f65-9e8d-f123b397a4ea" // deleted
	powerBI    = "f8a1db68-be16-40ed-86d5-cb42ce701560"
	emsE3      = "efccb6f7-5641-4e0e-bd10-b4976e1bf68e"
	deletedOf  = "/users?filter=%7B%22Field%22%3A%22UserState%22%2C%22Value%22%3A%22Inactive%22%2C%22Operator%22%3A%22equals%22%7D"
	newUserIn  = `{"usageLocation":"US","userPrincipalName":"e83763f7f2204ac384cfcd49f79f2749@dtdemocspcustomer005.onmicrosoft.com","firstName":"Ferdinand","lastName":"Filibuster","displayName":"Ferdinand","passwordProfile":{"password":"Password!1","forceChangePassword":true},"attributes":{"objectType":"CustomerUser"}}`
	wholeNulls = `{"UsageLocation":null,"Id":null,"UserPrincipalName":null,"FirstName":null,"LastName":null,"DisplayName":null,"PasswordProfile":null,"LastDirectorySyncTime":null,"UserDomainType":"none","State":"active","SoftDeletionTime":null,"Attributes":{"ObjectType":"CustomerUser"}}`
)
