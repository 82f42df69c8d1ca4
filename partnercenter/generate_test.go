package partnercenter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

const (
	testCustomer = "4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04"
	otherID      = "eebd1b55-5360-4438-a11d-5c06918c3014"
)

// Shapes of the whole wire form, in wire order: what a plain client decodes to.
type (
	wholeLink struct {
		URI     string       `json:"uri"`
		Method  string       `json:"method"`
		Headers []wireHeader `json:"headers"`
	}
	wholeSelf struct {
		Self *wholeLink `json:"self,omitempty"`
		Next *wholeLink `json:"next,omitempty"`
	}
	wholeAttributes struct {
		ObjectType string `json:"objectType"`
	}
	wholeUser struct {
		UsageLocation         string          `json:"usageLocation,omitempty"`
		ID                    string          `json:"id"`
		UserPrincipalName     string          `json:"userPrincipalName"`
		FirstName             string          `json:"firstName,omitempty"`
		LastName              string          `json:"lastName,omitempty"`
		DisplayName           string          `json:"displayName,omitempty"`
		ImmutableID           string          `json:"immutableId,omitempty"`
		PhoneNumber           string          `json:"phoneNumber,omitempty"`
		LastDirectorySyncTime string          `json:"lastDirectorySyncTime,omitempty"`
		UserDomainType        string          `json:"userDomainType"`
		State                 string          `json:"state"`
		SoftDeletionTime      string          `json:"softDeletionTime,omitempty"`
		Links                 wholeSelf       `json:"links"`
		Attributes            wholeAttributes `json:"attributes"`
	}
	wholePage struct {
		TotalCount int             `json:"totalCount"`
		Items      []wholeUser     `json:"items"`
		Links      wholeSelf       `json:"links"`
		Attributes wholeAttributes `json:"attributes"`
	}
)

// usersPage writes a page as the service does: n users of the first given ID
// on, and a next link with the token, if there is one.
func usersPage(n, first int, token string) []byte {
	r := rand.New(rand.NewPCG(7, uint64(first)))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	page := wholePage{TotalCount: n, Items: []wholeUser{}}
	for i := range n {
		id := fmt.Sprintf("%08x-58bb-4590-a312-%012x", r.Uint32(), first+i)
		u := wholeUser{
			ID:             id,
			FirstName:      pick("Daniel", "Jürgen", "Zoë", "Łukasz", "Søren", "O'Neil", "王芳", "أمينة", "Marie-Thérèse", "Anne", "Bob", "Priya", "Carlos", "John", "Grace"),
			LastName:       pick("Tsai", "Müller", "Groß", "Nowak", "Dvořák", "van der Berg, Jr.", "李", "Mensah", "Smith", "Brandt", "Nair", "Vogel", "Garcia", "Brown", "Okafor"),
			UserDomainType: pick("none", "managed", "managed", "federated"),
			State:          "active",
			Links:          wholeSelf{Self: &wholeLink{"/customers/" + testCustomer + "/users/" + id, "GET", []wireHeader{}}},
			Attributes:     wholeAttributes{"CustomerUser"},
		}
		u.DisplayName = u.FirstName + " " + u.LastName
		u.UserPrincipalName = fmt.Sprintf("user%06d@%s", first+i, pick("northwind.example", "northwind.onmicrosoft.com", "sales.northwind.example"))
		switch r.IntN(10) {
		case 0:
			u.FirstName, u.LastName, u.DisplayName = "", "", "Scanner \"3rd floor\" "+strings.Repeat("long name ", r.IntN(12))
		case 1, 2, 3:
			u.ImmutableID = fmt.Sprintf("%022x==", r.Uint64())
			u.LastDirectorySyncTime = "2024-05-17T09:41:22Z"
		}
		if r.IntN(5) > 0 {
			u.UsageLocation = pick("US", "DE", "GB", "FR")
		}
		if r.IntN(4) == 0 {
			u.PhoneNumber = "+49 30 1234567"
		}
		page.Items = append(page.Items, u)
	}
	page.Links.Self = &wholeLink{"/customers/" + testCustomer + "/users?size=500", "GET", []wireHeader{}}
	if token != "" {
		page.Links.Next = &wholeLink{"/customers/" + testCustomer + "/users?size=500&seekOperation=Next", "GET", []wireHeader{{"MS-ContinuationToken", token}}}
	}
	page.Attributes.ObjectType = "Collection"
	return append([]byte("\xef\xbb\xbf"), compact(page)...)
}

// compact is v as the service writes it.
func compact(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
