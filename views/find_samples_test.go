package views

import "github.com/a-h/templ"

func sampleFinding() FindPage {
	c := sampleChrome("Find a user", "/find?q=m%C3%BCl")
	c.Nav = NavFind
	users := templ.SafeURL("/customers/" + contosoID + "/users")
	other := templ.SafeURL("/customers/" + northwindID + "/users")
	return FindPage{
		Chrome: c, Path: "/find", Query: "mül", Heading: "21 users found at 2 customers", Tell: "21 users found at 2 customers. 12 of 60 customers searched", Sweep: "/find/sweep",
		Groups: []FindGroup{
			{ID: contosoID, Name: contosoName, Domain: "contoso.example", Href: users + "?q=m%C3%BCl", More: 17, Part: true, Hits: []FindHit{
				{Href: users + "/1", Name: "Jürgen Müller-Lüdenscheidt", NameMarks: []Segment{{"Jürgen ", false}, {"Mül", true}, {"ler-Lüdenscheidt", false}}, UPN: "j.mueller@contoso.example", Exact: true},
				{Href: users + "/2", Name: "Sabine Müller", NameMarks: []Segment{{"Sabine ", false}, {"Mül", true}, {"ler", false}}, UPN: "s.mueller@contoso.example", Guest: true}}},
			{ID: northwindID, Name: "株式会社さくら精機製作所", Domain: "sakura-seiki.example", Href: other + "?q=m%C3%BCl", Hits: []FindHit{
				{Href: other + "/3", Name: "mul@sakura-seiki.example", UPN: "mul@sakura-seiki.example"}, {Href: other + "/4", Name: "عائشة الهاشمي", UPN: "a.mul@sakura-seiki.example"}}},
		},
		Coverage: []FindCoverage{
			{Label: "Searched", Text: "All their users.", Customers: []FindCustomer{{Name: "株式会社さくら精機製作所", Href: other, Note: "118 users, read 14:02"}, {Name: "Mülheimer Stadtwerke AöR", Href: "/customers/x/users", Note: "31 users, read 13:51"}}},
			{Label: "Searched in part", Text: "The users that are read so far; somebody you don't find may still be there.", Customers: []FindCustomer{{Name: contosoName, Href: users, Note: "4,500 users, read 14:02"}}},
			{Label: "Refused you", Text: "Partner Center doesn't let you see users there.", Customers: []FindCustomer{{Name: "Bellows College", Href: "/customers/y/users"}}},
			{Label: "Not searched", Text: "Their users are not held now, or your access to them was not confirmed in the last minutes.", Customers: []FindCustomer{{Name: "Wide World Importers", Href: "/customers/z/users"}}, More: 46},
		},
		Status: FindStatusLine{Searched: 12, Of: 60, Others: 47, Poll: "/find?q=m%C3%BCl"},
	}
}

// sweepingFind has the other customers being read.
func sweepingFind() FindPage {
	p := sampleFinding()
	p.Tell = ""
	p.Status.Wait = 40
	p.Status.Running, p.Status.Done, p.Status.DoneOf, p.Status.Skipped, p.Status.Now = true, 14, 47, 2, "Alpine Ski House"
	return p
}

func emptyFind() FindPage {
	p := sampleFinding()
	p.Query, p.Here, p.Groups, p.Heading, p.Tell = "", "/find", nil, "Nothing asked yet", ""
	p.Empty = &Nothing{Title: "Whom do you look for?", Text: "Type a name, a user principal name, an ID or a phone number. Every customer is searched whose users are held and yours to see."}
	return p
}

func noFind() FindPage {
	p := sampleFinding()
	p.Query, p.Groups, p.Heading = "mülller", nil, "No user found"
	p.Status.Banner = &Banner{Kind: BannerWarn, Title: "Reading the other customers stopped", Text: "Partner Center stopped answering."}
	p.Empty = &Nothing{Title: "No user matches “mülller”", Text: "The users of 12 customers were searched: names, UPN, phone. The other 47 were not, and may have them."}
	return p
}

func sharingFind() FindPage {
	p := FindPage{Chrome: sampleFinding().Chrome, Path: "/find", Trouble: &Problem{Kind: ProblemLevel, What: "Finding across customers is off while you share your screen.", Means: "Its answers name other customers, which sharing mode never shows.", Next: "Stop sharing mode in the bar above, or search within one customer."}}
	p.Sharing = true
	return p
}

func hostileFinding() FindPage {
	p := sweepingFind()
	p.Chrome, p.Query, p.Heading, p.Tell, p.Status.Now = hostileChrome(), hostileText, hostileText, hostileText, hostileText
	p.Sharing = false
	p.Groups[0] = FindGroup{ID: hostileText, Name: hostileText, Domain: hostileText, Href: hostileText, More: 1, Hits: []FindHit{{Href: hostileText, Name: hostileText, UPN: hostileText, NameMarks: []Segment{{hostileText, true}}}}}
	p.Coverage[0].Customers[0] = FindCustomer{Name: hostileText, Href: hostileText, Note: "31 users"}
	p.Status.Banner = &Banner{Kind: BannerBad, Title: hostileText, Text: hostileText}
	return p
}
