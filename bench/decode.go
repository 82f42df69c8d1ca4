package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	goccy "github.com/goccy/go-json"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// way is one way of decoding a page. list gives what it decodes, to be checked
// before anything is measured; it is nil where nothing is kept.
type way struct {
	name string
	run  func() error
	list func() ([]keptUser, error)
}

const standard = "encoding/json, whole shape"

func decode(out io.Writer, opts options) error {
	bodies, err := recordPages(3)
	if err != nil {
		return err
	}
	body := bodies[1] // as any page in the middle, with a next link
	ways, err := decoders(body)
	if err != nil {
		return err
	}
	if err := agree(ways); err != nil {
		return err
	}
	fmt.Fprintf(out, "Decode a page of %d users, %d bytes. %s. CPU is getrusage's, on all cores.\n", perPage, len(body), machine()+inRounds(opts))
	fmt.Fprintf(out, "%s.\n\n", versions("github.com/goccy/go-json", "github.com/bytedance/sonic", "github.com/go-json-experiment/json", "github.com/minio/simdjson-go", "github.com/microsoft/kiota-serialization-json-go"))

	took := series{}
	for _, w := range ways { // warm up
		if _, err := measure(opts.slice/4, w.run); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	for range opts.rounds {
		for _, w := range ways {
			c, err := measure(opts.slice, w.run)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			took.add(w.name, c)
		}
	}
	rows := [][]string{{"way", "CPU, encoding/json whole = 1", "wall, the same", "CPU, json.Valid = 1", "ns CPU a user", "allocs a user", "bytes a user"}}
	for _, w := range ways {
		rows = append(rows, []string{
			w.name, took.ratio(w.name, standard, cpu).String(), short(took.ratio(w.name, standard, wall).median),
			short(took.ratio(w.name, "json.Valid", cpu).median),
			fmt.Sprintf("%.0f", took.median(w.name, cpu)/perPage),
			fmt.Sprintf("%.3f", took.median(w.name, allocs)/perPage), fmt.Sprintf("%.0f", took.median(w.name, memory)/perPage),
		})
	}
	return table(out, rows)
}

// agree checks that every way gives the same users.
func agree(ways []way) error {
	var want []keptUser
	for _, w := range ways {
		if w.list == nil {
			continue
		}
		got, err := w.list()
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if want == nil {
			want = got
		}
		if len(want) != perPage {
			return fmt.Errorf("%s: %d users", w.name, len(want))
		}
		if err := same(want, got); err != nil {
			return fmt.Errorf("%s gives something else: %w", w.name, err)
		}
	}
	return nil
}

// decoders are all ways for that page.
func decoders(body []byte) ([]way, error) {
	text := withoutBOM(body)
	ways := []way{
		wholeBy(standard, text, json.Unmarshal),
		keptBy("encoding/json, kept fields", text, json.Unmarshal),
		keptBy("json v2 (go-json-experiment), kept fields", text, func(b []byte, v any) error { return jsonv2.Unmarshal(b, v) }),
		keptBy("goccy/go-json, kept fields", text, goccy.Unmarshal),
		keptBy("sonic, kept fields, as encoding/json", text, sonic.ConfigStd.Unmarshal),
		keptBy("sonic, kept fields, fastest", text, sonic.ConfigFastest.Unmarshal),
		kiotaWay(text),
		{name: "json.Valid", run: func() error {
			if !json.Valid(text) {
				return errors.New("not valid")
			}
			return nil
		}},
	}
	ways = append(ways, simdWays(text)...)
	ours, err := ourWays(body)
	return append(ways, ours...), err
}

func wholeBy(name string, text []byte, unmarshal func([]byte, any) error) way {
	return way{
		name: name,
		run: func() error {
			var page wholePage
			return unmarshal(text, &page)
		},
		list: func() ([]keptUser, error) {
			var page wholePage
			err := unmarshal(text, &page)
			var users []keptUser
			for _, u := range page.Items {
				users = append(users, u.keptUser)
			}
			return users, err
		},
	}
}

func keptBy(name string, text []byte, unmarshal func([]byte, any) error) way {
	list := func() ([]keptUser, error) {
		var page keptPage
		err := unmarshal(text, &page)
		return page.Items, err
	}
	return way{name: name, list: list, run: func() error { _, err := list(); return err }}
}

// ourWays go through the SDK's exported calls, with a transport that answers
// from memory.
func ourWays(body []byte) ([]way, error) {
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{
		BaseURL: "http://127.0.0.1", Transport: memoryTransport(body),
	})
	if err != nil {
		return nil, err
	}
	users := client.Customer(emulator.NorthwindID).Users()
	ctx, opts := context.Background(), partnercenter.UsersOptions{PageSize: perPage}
	page, err := users.ListRaw(ctx, opts, "")
	if err != nil {
		return nil, err
	}
	var columns columns
	return []way{
		{
			name: "ours, columns",
			run: func() error {
				columns.reset()
				return page.Each(columns.add)
			},
			list: func() ([]keptUser, error) {
				columns.reset()
				err := page.Each(columns.add)
				return columns.users(), err
			},
		},
		{
			name: "ours, columns, and the call around it",
			run: func() error {
				page, err := users.ListRaw(ctx, opts, "")
				if err != nil {
					return err
				}
				defer page.Release()
				columns.reset()
				return page.Each(columns.add)
			},
		},
		{
			name: "ours, structs, and the call around it",
			run: func() error {
				_, err := users.List(ctx, opts, "")
				return err
			},
			list: func() ([]keptUser, error) {
				page, err := users.List(ctx, opts, "")
				var list []keptUser
				for _, u := range page.Items {
					list = append(list, kept(u))
				}
				return list, err
			},
		},
	}, nil
}

func kept(u partnercenter.User) keptUser {
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	return keptUser{
		ID: u.ID, UserPrincipalName: u.UserPrincipalName, DisplayName: u.DisplayName, FirstName: u.FirstName,
		LastName: u.LastName, PhoneNumber: u.PhoneNumber, UsageLocation: u.UsageLocation, ImmutableID: u.ImmutableID,
		UserDomainType: string(u.DomainType), State: string(u.State),
		LastDirectorySyncTime: stamp(u.LastDirectorySync), SoftDeletionTime: stamp(u.SoftDeletion),
	}
}

// memoryTransport answers every request with that body.
type memoryTransport []byte

func (body memoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(bytes.NewReader(body)),
	}, nil
}

// columns is a store without a pointer per user, as a program that keeps many
// users would have.
type columns struct {
	texts []byte
	ends  []uint32
}

const columnCount = 12

func (c *columns) reset() { c.texts, c.ends = c.texts[:0], c.ends[:0] }

func (c *columns) add(u *partnercenter.RawUser) error {
	for _, text := range [columnCount][]byte{
		u.ID, u.UserPrincipalName, u.DisplayName, u.FirstName, u.LastName, u.PhoneNumber, u.UsageLocation, u.ImmutableID,
		u.DomainType, u.State, u.LastDirectorySync, u.SoftDeletion,
	} {
		c.texts = append(c.texts, text...)
		c.ends = append(c.ends, uint32(len(c.texts)))
	}
	return nil
}

func (c *columns) users() []keptUser {
	var users []keptUser
	begin, at := uint32(0), 0
	text := func() string {
		end := c.ends[at]
		s := string(c.texts[begin:end])
		begin, at = end, at+1
		return s
	}
	for at < len(c.ends) {
		var u keptUser
		for _, field := range [columnCount]*string{
			&u.ID, &u.UserPrincipalName, &u.DisplayName, &u.FirstName, &u.LastName, &u.PhoneNumber, &u.UsageLocation, &u.ImmutableID,
			&u.UserDomainType, &u.State, &u.LastDirectorySyncTime, &u.SoftDeletionTime,
		} {
			*field = text()
		}
		users = append(users, u)
	}
	return users
}
