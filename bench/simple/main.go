// Command simple lists a customer's users as CSV: the program that one writes
// in an afternoon, with net/http, encoding/json and encoding/csv, and
// rollcall's guard against formulas.
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"unicode"
)

type link struct {
	URI     string `json:"uri"`
	Headers []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"headers"`
}

type page struct {
	TotalCount int `json:"totalCount"`
	Items      []struct {
		ID                    string `json:"id"`
		UserPrincipalName     string `json:"userPrincipalName"`
		DisplayName           string `json:"displayName"`
		FirstName             string `json:"firstName"`
		LastName              string `json:"lastName"`
		PhoneNumber           string `json:"phoneNumber"`
		UsageLocation         string `json:"usageLocation"`
		ImmutableID           string `json:"immutableId"`
		UserDomainType        string `json:"userDomainType"`
		State                 string `json:"state"`
		LastDirectorySyncTime string `json:"lastDirectorySyncTime"`
		SoftDeletionTime      string `json:"softDeletionTime"`
	} `json:"items"`
	Links struct {
		Self, Next *link
	} `json:"links"`
}

func main() {
	if err := list(os.Getenv("BASE"), os.Getenv("TOKEN"), os.Getenv("CUSTOMER")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func list(base, token, customer string) error {
	w := csv.NewWriter(os.Stdout)
	if err := w.Write([]string{
		"id", "userPrincipalName", "displayName", "firstName", "lastName", "phoneNumber", "usageLocation", "immutableId",
		"userDomainType", "state", "lastDirectorySyncTime", "softDeletionTime",
	}); err != nil {
		return err
	}
	next := &link{URI: "/customers/" + customer + "/users?size=500"}
	for next != nil {
		got, err := get(base, token, next)
		if err != nil {
			return err
		}
		for _, u := range got.Items {
			cells := []string{
				u.ID, u.UserPrincipalName, u.DisplayName, u.FirstName, u.LastName, u.PhoneNumber, u.UsageLocation, u.ImmutableID,
				u.UserDomainType, u.State, u.LastDirectorySyncTime, u.SoftDeletionTime,
			}
			for i, cell := range cells {
				if formula(cell) {
					cells[i] = "'" + cell
				}
			}
			if err := w.Write(cells); err != nil {
				return err
			}
		}
		next = got.Links.Next
	}
	w.Flush()
	return w.Error()
}

func get(base, token string, at *link) (*page, error) {
	r, err := http.NewRequest(http.MethodGet, base+"/v1"+at.URI, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	for _, h := range at.Headers {
		r.Header.Set(h.Key, h.Value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", resp.Status, body)
	}
	var got page
	return &got, json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &got)
}

func formula(cell string) bool {
	cell = strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) && !strings.ContainsRune("\t\r\n", r) })
	return cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", firstRune(cell))
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
