package main

import (
	"github.com/minio/simdjson-go"
)

// simdWays are simdjson-go's: only the tape, and the fields read from it. It
// needs AVX2; without it there are none.
func simdWays(text []byte) []way {
	if !simdjson.SupportedCPU() {
		return nil
	}
	var tape *simdjson.ParsedJson
	parse := func() (err error) {
		tape, err = simdjson.Parse(text, tape)
		return err
	}
	list := func() ([]keptUser, error) {
		if err := parse(); err != nil {
			return nil, err
		}
		return usersOnTape(tape)
	}
	return []way{
		{name: "simdjson-go, tape only, no value read", run: parse},
		{name: "simdjson-go, kept fields", list: list, run: func() error { _, err := list(); return err }},
	}
}

func usersOnTape(tape *simdjson.ParsedJson) ([]keptUser, error) {
	root := tape.Iter()
	root.Advance()
	_, top, err := root.Root(nil)
	if err != nil {
		return nil, err
	}
	page, err := top.Object(nil)
	if err != nil {
		return nil, err
	}
	items := page.FindKey("items", nil)
	array, err := items.Iter.Array(nil)
	if err != nil {
		return nil, err
	}
	var users []keptUser
	var object simdjson.Object
	var value simdjson.Iter
	array.ForEach(func(item simdjson.Iter) {
		if err != nil {
			return
		}
		if _, err = item.Object(&object); err != nil {
			return
		}
		var u keptUser
		for {
			var name string
			var kind simdjson.Type
			name, kind, err = object.NextElement(&value)
			if err != nil || kind == simdjson.TypeNone {
				break
			}
			if field := u.field(name); field != nil {
				if *field, err = value.String(); err != nil {
					return
				}
			}
		}
		users = append(users, u)
	})
	return users, err
}

// field is where a value of that name belongs.
func (u *keptUser) field(name string) *string {
	switch name {
	case "id":
		return &u.ID
	case "userPrincipalName":
		return &u.UserPrincipalName
	case "displayName":
		return &u.DisplayName
	case "firstName":
		return &u.FirstName
	case "lastName":
		return &u.LastName
	case "phoneNumber":
		return &u.PhoneNumber
	case "usageLocation":
		return &u.UsageLocation
	case "immutableId":
		return &u.ImmutableID
	case "userDomainType":
		return &u.UserDomainType
	case "state":
		return &u.State
	case "lastDirectorySyncTime":
		return &u.LastDirectorySyncTime
	case "softDeletionTime":
		return &u.SoftDeletionTime
	}
	return nil
}
