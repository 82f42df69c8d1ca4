package main

import (
	"github.com/microsoft/kiota-abstractions-go/serialization"
	kiota "github.com/microsoft/kiota-serialization-json-go"
)

// kiotaWay decodes with the parse node of Microsoft's generated clients, into
// models written by hand in the form that its generator gives them: pointers,
// additional data, a table of functions an object.
func kiotaWay(text []byte) way {
	parse := func() (*kiotaPage, error) {
		node, err := kiota.NewJsonParseNode(text)
		if err != nil {
			return nil, err
		}
		page, err := node.GetObjectValue(func(serialization.ParseNode) (serialization.Parsable, error) { return newKiotaPage(), nil })
		if err != nil {
			return nil, err
		}
		return page.(*kiotaPage), nil
	}
	return way{
		name: "kiota parse node, models as generated",
		run:  func() error { _, err := parse(); return err },
		list: func() ([]keptUser, error) {
			page, err := parse()
			if err != nil {
				return nil, err
			}
			var users []keptUser
			for _, u := range page.items {
				users = append(users, u.kept())
			}
			return users, nil
		},
	}
}

// additional is what the generator puts into every model.
type additional struct{ data map[string]any }

func (a *additional) GetAdditionalData() map[string]any     { return a.data }
func (a *additional) SetAdditionalData(data map[string]any) { a.data = data }

// Serialize is part of the interface; nothing is written here.
func (a *additional) Serialize(serialization.SerializationWriter) error { return nil }

func newAdditional() additional { return additional{data: map[string]any{}} }

type deserializers = map[string]func(serialization.ParseNode) error

func text(to **string) func(serialization.ParseNode) error {
	return func(n serialization.ParseNode) error {
		value, err := n.GetStringValue()
		if err == nil && value != nil {
			*to = value
		}
		return err
	}
}

func object[T serialization.Parsable](to *T, make func() T) func(serialization.ParseNode) error {
	return func(n serialization.ParseNode) error {
		value, err := n.GetObjectValue(func(serialization.ParseNode) (serialization.Parsable, error) { return make(), nil })
		if err == nil && value != nil {
			*to = value.(T)
		}
		return err
	}
}

func list[T serialization.Parsable](to *[]T, make func() T) func(serialization.ParseNode) error {
	return func(n serialization.ParseNode) error {
		values, err := n.GetCollectionOfObjectValues(func(serialization.ParseNode) (serialization.Parsable, error) { return make(), nil })
		if err != nil || values == nil {
			return err
		}
		all := *to
		for _, v := range values {
			all = append(all, v.(T))
		}
		*to = all
		return nil
	}
}

type kiotaPage struct {
	additional
	continuationToken *string
	totalCount        *int32
	items             []*kiotaUser
	links             *kiotaLinks
	attributes        *kiotaAttributes
}

func newKiotaPage() *kiotaPage { return &kiotaPage{additional: newAdditional()} }

func (p *kiotaPage) GetFieldDeserializers() deserializers {
	return deserializers{
		"continuationToken": text(&p.continuationToken),
		"totalCount": func(n serialization.ParseNode) error {
			value, err := n.GetInt32Value()
			if err == nil && value != nil {
				p.totalCount = value
			}
			return err
		},
		"items":      list(&p.items, newKiotaUser),
		"links":      object(&p.links, newKiotaLinks),
		"attributes": object(&p.attributes, newKiotaAttributes),
	}
}

type kiotaUser struct {
	additional
	usageLocation, id, userPrincipalName, firstName, lastName, displayName, immutableID *string
	phoneNumber, lastDirectorySyncTime, userDomainType, state, softDeletionTime         *string
	links                                                                               *kiotaLinks
	attributes                                                                          *kiotaAttributes
}

func newKiotaUser() *kiotaUser { return &kiotaUser{additional: newAdditional()} }

func (u *kiotaUser) GetFieldDeserializers() deserializers {
	return deserializers{
		"usageLocation": text(&u.usageLocation), "id": text(&u.id), "userPrincipalName": text(&u.userPrincipalName),
		"firstName": text(&u.firstName), "lastName": text(&u.lastName), "displayName": text(&u.displayName),
		"immutableId": text(&u.immutableID), "phoneNumber": text(&u.phoneNumber),
		"lastDirectorySyncTime": text(&u.lastDirectorySyncTime), "userDomainType": text(&u.userDomainType),
		"state": text(&u.state), "softDeletionTime": text(&u.softDeletionTime),
		"links": object(&u.links, newKiotaLinks), "attributes": object(&u.attributes, newKiotaAttributes),
	}
}

func (u *kiotaUser) kept() keptUser {
	value := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return keptUser{
		UsageLocation: value(u.usageLocation), ID: value(u.id), UserPrincipalName: value(u.userPrincipalName),
		FirstName: value(u.firstName), LastName: value(u.lastName), DisplayName: value(u.displayName),
		ImmutableID: value(u.immutableID), PhoneNumber: value(u.phoneNumber),
		LastDirectorySyncTime: value(u.lastDirectorySyncTime), UserDomainType: value(u.userDomainType),
		State: value(u.state), SoftDeletionTime: value(u.softDeletionTime),
	}
}

type kiotaLinks struct {
	additional
	self, next *kiotaLink
}

func newKiotaLinks() *kiotaLinks { return &kiotaLinks{additional: newAdditional()} }

func (l *kiotaLinks) GetFieldDeserializers() deserializers {
	return deserializers{"self": object(&l.self, newKiotaLink), "next": object(&l.next, newKiotaLink)}
}

type kiotaLink struct {
	additional
	uri, method *string
	headers     []*kiotaHeader
}

func newKiotaLink() *kiotaLink { return &kiotaLink{additional: newAdditional()} }

func (l *kiotaLink) GetFieldDeserializers() deserializers {
	return deserializers{"uri": text(&l.uri), "method": text(&l.method), "headers": list(&l.headers, newKiotaHeader)}
}

type kiotaHeader struct {
	additional
	key, value *string
}

func newKiotaHeader() *kiotaHeader { return &kiotaHeader{additional: newAdditional()} }

func (h *kiotaHeader) GetFieldDeserializers() deserializers {
	return deserializers{"key": text(&h.key), "value": text(&h.value)}
}

type kiotaAttributes struct {
	additional
	objectType *string
}

func newKiotaAttributes() *kiotaAttributes { return &kiotaAttributes{additional: newAdditional()} }

func (a *kiotaAttributes) GetFieldDeserializers() deserializers {
	return deserializers{"objectType": text(&a.objectType)}
}
