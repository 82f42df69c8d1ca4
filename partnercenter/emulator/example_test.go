package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

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
