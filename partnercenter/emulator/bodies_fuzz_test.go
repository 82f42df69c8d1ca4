package emulator

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

var bodySeeds = []string{
	`{"usageLocation":"GB","attributes":{"objectType":"CustomerUser"}}`,
	`{"UserPrincipalName":"new@dtdemocspcustomer005.onmicrosoft.com","DisplayName":"New","PasswordProfile":{"Password":"Password!1","ForceChangePassword":true}}`,
	`{"State":"active","UserDomainType":"none","PasswordProfile":null,"Attributes":{"ObjectType":"CustomerUser"}}`,
	`{"LicensesToAssign":[{"ExcludedPlans":null,"SkuId":"f8a1db68-be16-40ed-86d5-cb42ce701560"}],"LicensesToRemove":null,"LicenseWarnings":null}`,
	`{"licensesToAssign":[null,{"excludedPlans":[],"skuId":""}],"licensesToRemove":["efccb6f7-5641-4e0e-bd10-b4976e1bf68e"]}`,
	`{"Id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","DisplayName":"Ahmed"}`,
	`{"passwordProfile":{"password":"x"},"passwordProfile":null}`,
	`{"pa` + "\u017f\u017f" + `wordProfile":{"password":"Password!1"}}`,
	`{"displayName":"\ud800","firstName":"` + "\xff" + `"}`,
	` {} `, `{}{}`, `[]`, `null`, `{`, ``, `{"displayName":1}`,
}

// A body is read only if it is one JSON object, and what was read says the same
// when it is written and read again. Whatever sets a password stays out of the log.
func FuzzDecodeBody(f *testing.F) {
	for _, seed := range bodySeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		user, isUser := readsAgain[userSent](t, body)
		readsAgain[licenseUpdateSent](t, body)
		readsAgain[memberSent](t, body)
		logged := loggable(body)
		if logged != "" && logged != string(body) {
			t.Fatalf("%q is logged as %q", body, logged)
		}
		if isUser && user.PasswordProfile != nil && logged != "" {
			t.Fatalf("%q sets a password and is logged", body)
		}
		var object map[string]any
		if json.Unmarshal(body, &object) == nil && logged != "" {
			for key, value := range object {
				if strings.Contains(strings.ToLower(key), "password") && value != nil {
					t.Fatalf("%q is logged", body)
				}
			}
		}
	})
}

func readsAgain[T any](t *testing.T, body []byte) (T, bool) {
	t.Helper()
	sent, err := decodeBody[T](body)
	if err != nil {
		var refused *refusal
		if !errors.As(err, &refused) || refused.status != 400 || refused.code != codeInvalidInput {
			t.Fatalf("%q is refused with %v", body, err)
		}
		return sent, false
	}
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		t.Fatalf("%q is taken, yet it is no object: %v", body, err)
	}
	again, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	same, err := decodeBody[T](again)
	if err != nil || !reflect.DeepEqual(same, sent) {
		t.Fatalf("%q reads as %+v, written anew %q, which reads as %+v, %v", body, sent, again, same, err)
	}
	return sent, true
}

// Whatever a write sends, it is done or refused, and the customer stays whole.
func FuzzWrite(f *testing.F) {
	for _, seed := range bodySeeds {
		f.Add(seed)
	}
	const customer = DocumentedCustomerID
	f.Fuzz(func(t *testing.T, body string) {
		e := New(Options{Now: func() time.Time { return demoNow }})
		for _, call := range [][2]string{
			{"POST", "/users"},
			{"PATCH", "/users/a9ef48bb-8758-4590-a312-d4a47bfaded4"},
			{"PATCH", "/users/a45f1416-3300-4f65-9e8d-f123b397a4ea"}, // deleted
			{"POST", "/users/a9ef48bb-8758-4590-a312-d4a47bfaded4/licenseupdates"},
			{"POST", "/directoryroles/" + roleServiceSupport + "/usermembers"},
		} {
			status, answer := inside(e, call[0], customer+call[1], body)
			switch status {
			case 200, 201, 400, 404, 409:
			default:
				t.Fatalf("%s %s %q: %d %s", call[0], call[1], body, status, answer)
			}
			if !json.Valid([]byte(answer)) {
				t.Fatalf("%s %s %q is answered with %q", call[0], call[1], body, answer)
			}
		}
		overlay := e.world.customer(customer).tenant().truth
		for n, r := range overlay.records {
			if n2, ok := overlay.find(r.id); !ok || n2 != n {
				t.Fatalf("%q: user %d is found as %d, %v", body, n, n2, ok)
			}
		}
	})
}
