package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// An answer gets lost: the user was created, and only a look tells.
func ExampleFault_lostAnswer() {
	e := emulator.New(emulator.Options{})
	server := httptest.NewServer(e)
	defer server.Close()
	e.SetFault(emulator.Fault{Method: "POST", LoseAnswer: true, Times: 1})

	users := server.URL + "/v1/customers/" + emulator.DocumentedCustomerID + "/users"
	create := func() {
		req, _ := http.NewRequest("POST", users, strings.NewReader(`{
			"userPrincipalName": "jan@dtdemocspcustomer005.onmicrosoft.com", "displayName": "Jan",
			"passwordProfile": {"password": "Password!1", "forceChangePassword": true}
		}`))
		req.Header.Set("Authorization", "Bearer admin-agent")
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println("no answer")
			return
		}
		resp.Body.Close()
		fmt.Println(resp.Status)
	}
	create()
	create() // what was done can't be done again
	for _, call := range e.Calls() {
		fmt.Printf("answered %d, lost %d, body %q\n", call.Status, call.Lost, call.Body)
	}
	// Output:
	// no answer
	// 409 Conflict
	// answered 0, lost 201, body ""
	// answered 409, lost 0, body ""
}

// A test serves the emulator, makes one call go wrong, and looks at the call
// log to see what its client did about it.
func Example() {
	e := emulator.New(emulator.Options{})
	server := httptest.NewServer(e)
	defer server.Close()
	e.SetFault(emulator.Fault{Status: 503, Times: 1})

	for range 2 { // a client that tries again
		req, _ := http.NewRequest("GET", server.URL+"/v1/customers/"+emulator.DocumentedCustomerID+"/users", nil)
		req.Header.Set("Authorization", "Bearer admin-agent")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.StatusCode, len(body), "bytes")
	}
	for _, call := range e.Calls() {
		fmt.Println(call.Person, call.Method, "page", call.Page, call.Status)
	}
	// Output:
	// 503 0 bytes
	// 200 1030 bytes
	// admin-agent GET page 1 503
	// admin-agent GET page 1 200
}
