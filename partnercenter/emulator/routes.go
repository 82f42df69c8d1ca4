package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// route is one call of the API: who may make it and what answers it.
type route struct {
	method  string
	path    string   // after /v1/; {c} customer, {u} user, {r} role, {d} domain
	appOnly bool     // an application without a user may call it too
	gdap    []string // one of these roles in the customer's tenant suffices; nil: none needed
	list    *listing // how it pages; nil: it does not
	answer  func(*call) (any, error)
}

// writes tells whether the call changes something.
func (rt *route) writes() bool { return rt.method != http.MethodGet && rt.method != http.MethodHead }

// routes is the API: endpoints of the API facts, section 10, with the
// delegated privileges of section 4. The customer calls themselves need none:
// they come from the reseller relationship.
var routes = []route{
	{"GET", "customers", true, nil, &pagedCustomers, (*call).listCustomers},
	{"GET", "customers/{c}", true, nil, nil, (*call).getCustomer},
	{"GET", "customers/{c}/profiles/company", false, nil, nil, (*call).getCompanyProfile},

	{"GET", "customers/{c}/users", false, readUsers, &pagedUsers, (*call).listUsers},
	{"GET", "customers/{c}/users/{u}", false, readUsers, nil, (*call).getUser},
	{"GET", "customers/{c}/users/{u}/licenses", false, readLicenses, nil, (*call).listLicenses},
	{"GET", "customers/{c}/users/{u}/directoryroles", false, readUsers, nil, (*call).listUserRoles},
	{"POST", "customers/{c}/users", false, createUsers, nil, (*call).createUser},
	{"PATCH", "customers/{c}/users/{u}", false, patchUsers, nil, (*call).patchUser},
	{"DELETE", "customers/{c}/users/{u}", false, deleteUsers, nil, (*call).deleteUser},
	{"POST", "customers/{c}/users/{u}/licenseupdates", false, changeLicenses, nil, (*call).updateLicenses},

	{"GET", "customers/{c}/subscribedskus", false, readSKUs, nil, (*call).listSubscribedSKUs},
	{"GET", "customers/{c}/directoryroles", false, readRoles, nil, (*call).listRoles},
	{"GET", "customers/{c}/directoryroles/{r}/usermembers", false, readMembers, &pagedMembers, (*call).listMembers},
	{"POST", "customers/{c}/directoryroles/{r}/usermembers", false, changeMembers, nil, (*call).addMember},
	{"DELETE", "customers/{c}/directoryroles/{r}/usermembers/{u}", false, changeMembers, nil, (*call).removeMember},

	{"GET", "profiles/organization", false, nil, nil, (*call).getOrganization},
	{"GET", "profiles/legalbusiness", true, nil, nil, (*call).getLegalBusiness},
	{"GET", "profiles/mpn", false, nil, nil, (*call).getMPN},
	{"HEAD", "domains/{d}", true, nil, nil, (*call).checkDomain},
	{"GET", "auditrecords", true, nil, &pagedAudit, (*call).listAudit},
}

// pathVars are the identifiers a path carries, as they were sent.
type pathVars struct {
	customer, user, role, domain string
}

// find picks the route of a call. Partner Center answers an unknown path with
// 404 and a known one asked by another method with 405, both empty.
func find(routes []route, method, path string) (*route, pathVars, error) {
	known := false
	for i := range routes {
		vars, ok := match(routes[i].path, path)
		if !ok {
			continue
		}
		if routes[i].method == method {
			return &routes[i], vars, nil
		}
		known = true
	}
	if known {
		return nil, pathVars{}, &refusal{status: http.StatusMethodNotAllowed}
	}
	return nil, pathVars{}, &refusal{status: http.StatusNotFound}
}

func match(pattern, path string) (pathVars, bool) {
	var vars pathVars
	for {
		want, patternRest, more := strings.Cut(pattern, "/")
		got, pathRest, sentMore := strings.Cut(path, "/")
		if more != sentMore || got == "" {
			return pathVars{}, false
		}
		if strings.HasPrefix(want, "{") {
			var err error
			if got, err = url.PathUnescape(got); err != nil {
				return pathVars{}, false
			}
		}
		switch want {
		case "{c}":
			vars.customer = got
		case "{u}":
			vars.user = got
		case "{r}":
			vars.role = got
		case "{d}":
			vars.domain = got
		default:
			if got != want {
				return pathVars{}, false
			}
		}
		if !more {
			return vars, true
		}
		pattern, path = patternRest, pathRest
	}
}

// resource is the path after /v1 in the one form the API's links use: a
// doubled slash after the version and a slash at the end count for nothing.
// ok is false for a path outside /v1.
func resource(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/v1/")
	if !ok {
		return "", false
	}
	rest = strings.TrimPrefix(rest, "/")
	return strings.TrimSuffix(rest, "/"), true
}
