package partnercenter

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDocumentedAuditRecords(t *testing.T) {
	opts := AuditRecordsOptions{Start: time.Date(2017, 6, 1, 0, 0, 0, 0, time.UTC), CustomerID: "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"}
	page, err := service(t, sample(t, "audit-records").ServeHTTP).AuditRecords().List(t.Context(), opts, "")
	if err != nil || len(page.Items) != 2 || page.Next != "" {
		t.Fatalf("%v, %+v", err, page)
	}
	want := AuditRecord{
		PartnerID: "3b33e682-00c3-41ee-9dd2-a548adf56438", CustomerID: "0c39d6d5-c70d-4c55-bc02-f620844f3fd1", CustomerName: "Relecloud",
		UserPrincipalName: "admin@domain.onmicrosoft.com", ApplicationID: "Partner Center Native App", ResourceType: "license",
		ResourceNewValue: `{"LicensesToAssign":[{"ExcludedPlans":null,"SkuId":"efccb6f7-5641-4e0e-bd10-b4976e1bf68e"}],"LicensesToRemove":null,"LicenseWarnings":[],"Attributes":{"ObjectType":"LicenseUpdate"}}`,
		OperationType:    "update_customer_user_licenses", OperationStatus: "succeeded", OperationDate: time.Date(2017, 6, 1, 20, 9, 7, 45_048_300, time.UTC),
		Data: []AuditDatum{{"CustomerUserId", "482e2152-4b49-48ec-b715-823365ce3d4c"}, {"AddedLicenseSkuId", "efccb6f7-5641-4e0e-bd10-b4976e1bf68e"}},
	}
	if diff := cmp.Diff(want, page.Items[1]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if order := page.Items[0]; order.OperationType != "create_order" || len(order.Data) != 7 || order.Data[6] != (AuditDatum{Key: "PartnerOnRecord-0"}) ||
		!strings.HasPrefix(order.ResourceNewValue, `{"Id":"d51a052e-`) {
		t.Errorf("%+v", order)
	}
}

func TestAuditRecordsQueries(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2020, 9, d, 23, 30, 0, 0, time.FixedZone("", -2*3600)) } // the next day in UTC
	tests := map[string]struct {
		opts AuditRecordsOptions
		want string
	}{
		"nothing": {AuditRecordsOptions{}, ""},
		// The documented request of the page on throttling.
		"one day":    {AuditRecordsOptions{Start: day(1), End: day(1), PageSize: 50}, "startDate=2020-09-02&endDate=2020-09-02&size=50"},
		"a customer": {AuditRecordsOptions{CustomerID: strings.ToUpper(testCustomer)}, "filter=%7B%22Field%22%3A%22CustomerId%22%2C%22Value%22%3A%22" + testCustomer + "%22%2C%22Operator%22%3A%22equals%22%7D"},
		"a name":     {AuditRecordsOptions{Start: day(1), CompanyName: "bri"}, "startDate=2020-09-02&filter=%7B%22Field%22%3A%22CompanyName%22%2C%22Value%22%3A%22bri%22%2C%22Operator%22%3A%22substring%22%7D"},
		"a type":     {AuditRecordsOptions{End: day(1), ResourceType: "license"}, "endDate=2020-09-02&filter=%7B%22Field%22%3A%22ResourceType%22%2C%22Value%22%3A%22license%22%2C%22Operator%22%3A%22equals%22%7D"},
	}
	for name, tt := range tests {
		rt := &answers{list: []any{response(200, noUsers)}}
		if _, err := clientOf(t, Options{Transport: rt}).AuditRecords().List(t.Context(), tt.opts, ""); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := rt.asked[0].URL; got.Path != "/v1/auditrecords" || got.RawQuery != tt.want {
			t.Errorf("%s asked for %s?%s\nwant %s", name, got.Path, got.RawQuery, tt.want)
		}
	}

	rt := &answers{}
	records := clientOf(t, Options{Transport: rt}).AuditRecords()
	for name, opts := range map[string]AuditRecordsOptions{
		"the end first":       {Start: day(2), End: day(1)},
		"two filters":         {CompanyName: "a", ResourceType: "b"},
		"no customer":         {CustomerID: "contoso.example"},
		"a page of thousands": {PageSize: 501},
		"a broken name":       {CompanyName: "\xff"},
		"a book":              {CompanyName: strings.Repeat("a", 9000)},
	} {
		_, err := records.List(t.Context(), opts, "")
		if want := map[bool]error{true: ErrBadID, false: ErrBadRequest}[name == "no customer"]; !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	if len(rt.asked) > 0 {
		t.Errorf("%d calls were sent", len(rt.asked))
	}
}

// All reads page after page, also of records without an ID, and stops where
// they go round in a circle.
func TestAllAuditRecords(t *testing.T) {
	page := func(n int, token string) string {
		next := ""
		if token != "" {
			next = `,"next":{"uri":"/v1/auditrecords?size=500&seekOperation=Next","method":"GET","headers":[{"key":"MS-ContinuationToken","value":"` + token + `"}]}`
		}
		return fmt.Sprintf(`{"items":[{"operationType":"a","operationDate":"2020-09-%02dT00:00:00Z"}],"links":{"self":{"uri":"/auditrecords"}%s}}`, n, next)
	}
	rt := &answers{list: []any{response(200, page(1, "a")), response(200, page(2, "b")), response(200, page(3, ""))}}
	var days []int
	for record, err := range clientOf(t, Options{Transport: rt}).AuditRecords().All(t.Context(), AuditRecordsOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		days = append(days, record.OperationDate.Day())
	}
	if !cmp.Equal(days, []int{1, 2, 3}) || rt.asked[0].URL.RawQuery != "size=500" || rt.asked[2].Header["MS-ContinuationToken"][0] != "b" {
		t.Errorf("days %v, asked %v", days, rt.asked)
	}
	if a, b := rt.asked[0].Header["MS-CorrelationId"][0], rt.asked[2].Header["MS-CorrelationId"][0]; a != b {
		t.Error("the pages have not one correlation ID")
	}
	rt = &answers{list: []any{response(200, page(1, "a")), response(200, page(1, "b")), response(200, page(1, "c"))}}
	if err := last(clientOf(t, Options{Transport: rt}).AuditRecords().All(t.Context(), AuditRecordsOptions{})); !errors.Is(err, ErrBadResponse) || len(rt.asked) != 2 {
		t.Errorf("%v after %d pages, want ErrBadResponse after 2", err, len(rt.asked))
	}
	elsewhere := strings.Replace(page(1, "a"), "/v1/auditrecords?", "/v1/customers?", 1)
	rt = &answers{list: []any{response(200, elsewhere)}}
	if _, err := clientOf(t, Options{Transport: rt}).AuditRecords().List(t.Context(), AuditRecordsOptions{}, ""); !errors.Is(err, ErrBadResponse) {
		t.Errorf("a next link that leads elsewhere: %v", err)
	}
}

func TestAuditRecordsHoldNoPasswords(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"nothing":             {"", ""},
		"words":               {"hello", "hello"},
		"JSON without":        {`{"B":1.10,"A":[{"x":null}]}`, `{"B":1.10,"A":[{"x":null}]}`},
		"a profile":           {`{"Id":7,"PasswordProfile":{"Password":"Aa1!hunter2","ForceChangePassword":true}}`, `{"Id":7}`},
		"credentials":         {`{"UserCredentials":{"userName":"admin","password":"Aa1!hunter2"},"N":12345678901234567890}`, `{"N":12345678901234567890,"UserCredentials":{"userName":"admin"}}`},
		"deep":                {`[[{"a":[{"ClientSecret":"Aa1!hunter2"}]}]]`, `[[{"a":[{}]}]]`},
		"escaped":             {`{"p\u0061ssword":"Aa1!hunter2"}`, `{}`},
		"JSON in JSON":        {`{"body":"{\"password\":\"Aa1!hunter2\"}"}`, `{"body":"{}"}`},
		"a pair":              {`{"d":[{"Key":"NewPassword","Value":"Aa1!hunter2"},{"Key":"x","Value":"y"}]}`, `{"d":[null,{"Key":"x","Value":"y"}]}`},
		"words about it":      {`password: Aa1!hunter2`, ""},
		"cut":                 {`{"password":"Aa1!hun`, ""},
		"cut before the name": {`{"a":1`, ""},
		"two values":          {`{} {"password":"Aa1!hunter2"}`, ""},
	}
	for name, tt := range tests {
		if got := withoutPasswords(tt.in); got != tt.want {
			t.Errorf("%s: withoutPasswords(%s) = %s, want %s", name, tt.in, got, tt.want)
		}
	}
	rt := &answers{list: []any{response(200, `{"items":[{"resourceOldValue":"{\"password\":\"Aa1!hunter2\"}","resourceNewValue":"{\"password\":\"Aa1!hunter2\"}",`+
		`"customizedData":[{"key":"NewPassword","value":"Aa1!hunter2"},{"key":"Body","value":"{\"password\":\"Aa1!hunter2\"}"}]}]}`)}}
	page, err := clientOf(t, Options{Transport: rt}).AuditRecords().List(t.Context(), AuditRecordsOptions{}, "")
	if err != nil || strings.Contains(fmt.Sprintf("%+v", page), "hunter2") || len(page.Items) != 1 || page.Items[0].Data[1].Value != "{}" {
		t.Errorf("%v, %+v", err, page)
	}
}

func FuzzWithoutPasswords(f *testing.F) {
	f.Add(`{"PasswordProfile":{"Password":"x"}}`)
	f.Add(`{"d":[{"Key":"Password","Value":"x"}]}`)
	f.Add(`{"b":"{\"password\":\"x\"}"}`)
	f.Fuzz(func(t *testing.T, text string) {
		got := withoutPasswords(text)
		if strings.Contains(strings.ToLower(got), `"password"`) {
			t.Errorf("withoutPasswords(%q) = %q", text, got)
		}
		if again := withoutPasswords(got); again != got {
			t.Errorf("withoutPasswords(%q) = %q, and of that %q", text, got, again)
		}
	})
}

func TestValidationCodesAndMPN(t *testing.T) {
	codes, err := service(t, sample(t, "validation-codes").ServeHTTP).ValidationCodes(t.Context())
	want := []ValidationCode{
		{"9daaeb1c-4195-4db5-9f1d-509eb70c8c2d", "Contoso, Inc.", "12345", 5, 4, `W/"datetime'2018-10-10T18%3A49%3A58.727348Z'"`},
		{"9daaeb1c-4195-4db5-9f1d-509eb70c8c2d", "Contoso, Inc. Finance Department", "987654", 5, 5, `W/"datetime'2018-10-19T17%3A51%3A45.6584512Z'"`},
	}
	if err != nil || !cmp.Equal(codes, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, codes))
	}
	for name, body := range map[string]string{"an object": `{"items":[]}`, "nothing": "", "null": "null", "half": `[{"partnerId":`, "numbers": `[1]`} {
		if _, err := clientOf(t, Options{Transport: &answers{list: []any{response(200, body)}}}).ValidationCodes(t.Context()); !errors.Is(err, ErrBadResponse) {
			t.Errorf("%s: %v, want ErrBadResponse", name, err)
		}
	}
	rt := &answers{list: []any{response(404, ""), response(404, "")}}
	client := clientOf(t, Options{Transport: rt})
	_, errCodes := client.ValidationCodes(t.Context())
	_, errMPN := client.MPN(t.Context())
	if !errors.Is(errCodes, ErrNotFound) || !errors.Is(errMPN, ErrNotFound) ||
		rt.asked[0].URL.Path != "/v1/customers/all/validations" || rt.asked[1].URL.Path != "/v1/profiles/mpn" || rt.asked[1].Method != http.MethodGet {
		t.Errorf("%v, %v", errCodes, errMPN)
	}

	profile := sample(t, "mpn-profile")
	if n := len(profile.wire()); n != 159 {
		t.Errorf("the body is %d bytes, the documented Content-Length is 159", n)
	}
	got, err := service(t, profile.ServeHTTP).MPN(t.Context())
	if want := (MPNProfile{MPNID: "4391507", ProfileType: "MpnProfile"}); err != nil || got != want {
		t.Errorf("%v, %+v", err, got)
	}
}
