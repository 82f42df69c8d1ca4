package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
)

// access is what a route demands. Every route declares one; routes_test.go
// walks them all against every level and kind of session.
type access struct {
	level auth.Level       // the least that may use it; public needs no sign-in
	kinds []directory.Kind // what it reads; the directory demands a proof of each
	owner owner            // whose things it shows or changes
	fresh bool             // the session's row is read, and no copy of it: exports, pages with passwords
}

// public is the level of a route that needs no sign-in.
const public auth.Level = 0

// owner says whose things a route touches.
type owner int

const (
	ownerNone     owner = iota + 1 // nobody's: files, sign-in, health
	ownerPerson                    // the signed-in person's own settings, stars, sessions
	ownerPartner                   // the partner's: its list of customers
	ownerStaff                     // the partner's people: their sessions
	ownerCustomer                  // the customer's in the path
)

type route struct {
	method  string
	path    string
	access  access
	handler echo.HandlerFunc
}

// routes is the one list of addresses that Rollcall answers.
func (s *server) routes() []route {
	var (
		anybody   = access{level: public, owner: ownerNone}
		oneself   = access{level: auth.LevelReader, owner: ownerPerson}
		staff     = access{level: auth.LevelAdmin, owner: ownerStaff, fresh: true}
		customers = access{level: auth.LevelReader, owner: ownerPartner, kinds: []directory.Kind{directory.KindCustomers}}
		customer  = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindCustomers}}
		users     = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindUsers}}
		licenses  = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindUsers, directory.KindLicenses}}
		user      = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindUsers, directory.KindLicenses, directory.KindSKUs, directory.KindRoles}}
		skus      = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindSKUs}}
		roles     = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindRoles}}

		finding   = access{level: auth.LevelReader, owner: ownerPartner, kinds: []directory.Kind{directory.KindCustomers, directory.KindUsers}}
		usersFile = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindUsers}, fresh: true}
		skusFile  = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{directory.KindSKUs}, fresh: true}
	)
	list := []route{
		// Signing in and out
		{http.MethodGet, "/sign-in", anybody, s.signInPage},
		{http.MethodGet, "/sign-in/start", anybody, s.startSignIn},
		{http.MethodGet, "/sign-in/callback", anybody, s.finishSignIn},
		{http.MethodGet, "/sign-out", anybody, s.signOutPage},
		{http.MethodPost, "/sign-out", anybody, s.signOut},
		{http.MethodPost, "/sign-in/logout-token", anybody, s.backchannelLogout},

		// Customers
		{http.MethodGet, "/", customers, s.home},
		{http.MethodGet, "/customers", customers, s.listCustomers},
		{http.MethodPost, "/customers/reading", customers, s.readCustomers},
		{http.MethodGet, "/customers/:customer", customer, s.openCustomer},
		{http.MethodGet, "/customers/:customer/icon", customer, s.customerIcon},
		{http.MethodPost, "/customers/:customer/star", customer, s.starCustomer},
		{http.MethodPost, "/customers/:customer/ticket", customer, s.setTicket},
		{http.MethodGet, "/jump", customers, s.jump},
		{http.MethodGet, "/find", finding, s.findUser},
		{http.MethodPost, "/find/sweep", finding, s.sweep},

		// Users
		{http.MethodGet, "/customers/:customer/users", users, s.listUsers},
		{http.MethodPost, "/customers/:customer/reading", users, s.readUsers},
		{http.MethodPost, "/customers/:customer/selection", users, s.changeSelection},
		{http.MethodPost, "/customers/:customer/views", users, s.saveView},
		{http.MethodPost, "/customers/:customer/licenses/reading", licenses, s.readLicenses},
		{http.MethodGet, "/customers/:customer/users/:user", user, s.showUser},
		{http.MethodGet, "/customers/:customer/users/deleted", users, s.listDeleted},
		{http.MethodPost, "/customers/:customer/users/deleted/reading", users, s.readDeleted},

		// Licenses and roles
		{http.MethodGet, "/customers/:customer/licenses", skus, s.listLicenses},
		{http.MethodPost, "/customers/:customer/licenses/seats", skus, s.readSeats},
		{http.MethodGet, "/customers/:customer/roles", roles, s.listRoles},
		{http.MethodPost, "/customers/:customer/roles/reading", roles, s.readRoles},

		// Files
		{http.MethodGet, "/customers/:customer/users.csv", usersFile, s.exportUsers(export.CSV)},
		{http.MethodGet, "/customers/:customer/users.xlsx", usersFile, s.exportUsers(export.XLSX)},
		{http.MethodGet, "/customers/:customer/users.json", usersFile, s.exportUsers(export.JSON)},
		{http.MethodGet, "/customers/:customer/users/deleted.csv", usersFile, s.exportDeleted(export.CSV)},
		{http.MethodGet, "/customers/:customer/users/deleted.xlsx", usersFile, s.exportDeleted(export.XLSX)},
		{http.MethodGet, "/customers/:customer/users/deleted.json", usersFile, s.exportDeleted(export.JSON)},
		{http.MethodGet, "/customers/:customer/licenses.csv", skusFile, s.exportLicenses(export.CSV)},
		{http.MethodGet, "/customers/:customer/licenses.xlsx", skusFile, s.exportLicenses(export.XLSX)},
		{http.MethodGet, "/customers/:customer/licenses.json", skusFile, s.exportLicenses(export.JSON)},

		// The person's own
		{http.MethodGet, "/settings", oneself, s.settingsPage},
		{http.MethodPost, "/settings", oneself, s.saveSettings},
		{http.MethodPost, "/settings/sessions", oneself, s.endSessions},
		{http.MethodPost, "/settings/views", oneself, s.changeView},
		{http.MethodGet, "/settings/people", staff, s.listPeople},
		{http.MethodPost, "/settings/people", staff, s.endPeople},
		{http.MethodPost, "/sharing", oneself, s.setSharing},
		{http.MethodGet, "/help", oneself, s.helpPage},

		// Files and health
		{http.MethodGet, "/static/*", anybody, s.staticFile},
		{http.MethodHead, "/static/*", anybody, s.staticFile},
		{http.MethodGet, "/favicon.ico", anybody, s.favicon},
		{http.MethodGet, "/robots.txt", anybody, s.robots},
		{http.MethodGet, "/livez", anybody, s.live},
		{http.MethodHead, "/livez", anybody, s.live},
		{http.MethodGet, "/readyz", anybody, s.ready},
		{http.MethodHead, "/readyz", anybody, s.ready},
	}
	if s.demo != nil {
		list = append(list, route{http.MethodPost, "/demo/faults", oneself, s.setFaults})
	}
	return list
}
