package web

import (
	"net/url"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/views"
)

// adminCenters are where people look for what Partner Center does not tell.
type adminCenters struct {
	entra  string
	office string // ends so that the customer's ID follows, where it can be named
	named  bool   // it can
}

// centers are those of the cloud that Rollcall works with.
func (s *server) centers() adminCenters {
	switch s.cfg.Cloud {
	case "us-government":
		return adminCenters{entra: "https://entra.microsoft.us/", office: "https://portal.office365.us/"}
	case "china":
		return adminCenters{entra: "https://entra.microsoftonline.cn/", office: "https://portal.partner.microsoftonline.cn/"}
	}
	return adminCenters{entra: "https://entra.microsoft.com/", office: "https://admin.microsoft.com/Partner/BeginClientSession.aspx?CSDEST=o365admincenter&CTID=", named: true}
}

// elsewhere is what people look for on a user's page, and where it is.
func (s *server) elsewhere(customerID, userID string) []views.Elsewhere {
	at := s.centers()
	blade := func(name string) templ.SafeURL {
		return templ.SafeURL(at.entra + url.PathEscape(customerID) + "/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/" + name + "/userId/" + url.PathEscape(userID))
	}
	office := at.office
	if at.named {
		office += url.QueryEscape(customerID)
	}
	return []views.Elsewhere{
		{What: "Whether sign-in is blocked, when the password changed, groups, devices", Where: "Entra: user", Href: blade("overview")},
		{What: "Last sign-in", Where: "Entra: sign-in logs", Href: blade("SignIns")},
		{What: "Sign-in methods (MFA)", Where: "Entra: methods", Href: blade("UserAuthMethods")},
		{What: "Where a license came from: a group, or assigned to the user", Where: "Admin center: licenses", Href: templ.SafeURL(office)},
	}
}
