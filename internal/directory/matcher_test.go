package directory

import (
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter"
)

func TestMatcher(t *testing.T) {
	u := &partnercenter.User{
		ID: "c0a70500-0000-4000-8000-000000000001", DisplayName: "Jürgen Müller-Lüdenscheidt", FirstName: "Jürgen", LastName: "Müller",
		UserPrincipalName: "j.mueller@contoso.example", PhoneNumber: "+49 89 1234-567",
	}
	for text, want := range map[string]bool{
		"mull": true, "MÜLL": true, "mueller": true, "müller jür": true, "jurgen contoso": true, "mueller@cont": true, "j.mueller@contoso.example": true,
		"089 1234": true, "1234567": true, "+49 (89) 1234/567": true, "891234567": true,
		u.ID: true, "C0A70500-0000-4000-8000-000000000001": true,
		"mullerj": false, "scheidtj": false, "müller anna": false, "123": false, "89 9999": false, "c0a70500-0000-4000-8000-000000000002": false,
		"mullerludenscheidt": false, "l\u00fcdenscheidt\u200b": true,
	} {
		m := NewMatcher(text)
		for range 2 { // it keeps nothing of the last one
			if m == nil || m.Match(u) != want {
				t.Errorf("%q: want %v", text, want)
			}
			if m != nil && m.Match(&partnercenter.User{}) {
				t.Errorf("%q finds nobody", text)
			}
		}
	}
	for _, nothing := range []string{"", "  ", "\u200b", "\t\n"} {
		if NewMatcher(nothing) != nil {
			t.Errorf("%q is something to look for", nothing)
		}
	}
	m := NewMatcher("lüdenscheidt 1234")
	m.Match(u)
	if n := testing.AllocsPerRun(100, func() { m.Match(u) }); n != 0 {
		t.Errorf("%v allocations a user", n)
	}
}

// TestUmlauts: with or without its dots a letter is the same; spelled out as
// two it is another name.
func TestUmlauts(t *testing.T) {
	for text, finds := range map[string][3]bool{ // Müller, Muller, Mueller
		"mull":    {true, true, false},
		"müll":    {true, true, false},
		"mueller": {false, false, true},
	} {
		for i, name := range [3]string{"Müller", "Muller", "Mueller"} {
			if got := NewMatcher(text).Match(&partnercenter.User{DisplayName: name}); got != finds[i] {
				t.Errorf("%q finds %s: %v, want %v", text, name, got, finds[i])
			}
		}
	}
}
