package emulator

import "strings"

// userField is a field of a user that a client may set.
type userField struct {
	name      string
	sent      *string // nil: not sent
	of        func(*person) *string
	limit     int  // characters; 0: a rule of its own
	mastered  bool // on premises, for a synced user
	sensitive bool // an administrator's is changed by few (see privileges.go)
}

func (sent *userSent) fields() []userField {
	return []userField{
		{"usageLocation", sent.UsageLocation, func(p *person) *string { return &p.location }, 0, false, false},
		{"userPrincipalName", sent.UserPrincipalName, func(p *person) *string { return &p.upn }, 0, true, true},
		{"firstName", sent.FirstName, func(p *person) *string { return &p.first }, maxName, true, false},
		{"lastName", sent.LastName, func(p *person) *string { return &p.last }, maxName, true, false},
		{"displayName", sent.DisplayName, func(p *person) *string { return &p.display }, maxDisplayName, true, false},
		{"immutableId", sent.ImmutableID, func(p *person) *string { return &p.immutableID }, maxAnchor, true, true},
		{"phoneNumber", sent.PhoneNumber, func(p *person) *string { return &p.phone }, maxName, true, true},
	}
}

// value is what was sent, as it is kept: countries in capitals.
func (f *userField) value() string {
	if f.name == "usageLocation" {
		return strings.ToUpper(*f.sent)
	}
	return *f.sent
}

// changes tells whether the field would be another than it is.
func (f *userField) changes(who *person) bool { return f.sent != nil && *f.of(who) != f.value() }

// check refuses a value that the field can't have.
func (f *userField) check(at *customer) error {
	switch {
	case f.sent == nil:
		return nil
	case f.name == "usageLocation":
		return checkLocation(*f.sent)
	case f.name == "userPrincipalName":
		return at.checkUPN(*f.sent)
	}
	return checkText(f.name, *f.sent, f.limit)
}
