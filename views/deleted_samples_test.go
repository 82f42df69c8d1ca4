package views

import (
	"strings"

	"github.com/a-h/templ"
)

func sampleDeleted(rows int) DeletedPage {
	path := templ.SafeURL("/customers/" + contosoID + "/users/deleted")
	p := DeletedPage{
		UsersPage: UsersPage{
			Chrome: sampleChrome(contosoName+" · Deleted users", string(path)), Customer: customerWith("Deleted"), Path: path,
			Sorts: []SortOption{{Value: "deleted", Label: "fewest days left first", On: true}, {Value: "-deleted", Label: "last deleted first"}, {Value: "name", Label: "name, A to Z"}},
			Tools: []Tool{{Name: "command", Label: "Copy as command", Icon: "terminal", Bare: true, Href: path + "?panel=command"}},
			Shown: rows, Total: rows, Read: read1402, Pager: Pager{From: 1, To: rows, Of: rows, Sizes: []SizeOption{{Size: 25}, {Size: 50, On: true}}},
			Refresh: path + "/reading", Tell: "deleted users",
		},
		Heads: DeletedHeads{Name: Column{Href: path + "?sort=name"}, UPN: Column{Href: path + "?sort=upn"}, Deleted: Column{Href: path + "?sort=-deleted", Sort: SortedUp},
			Location: Column{Href: path + "?sort=location"}, DomainType: Column{Href: path + "?sort=domain"}},
		Users: "/customers/" + contosoID + "/users",
	}
	p.At = JumpPlace{CustomerID: contosoID, Name: contosoName}
	left := []struct {
		text, tone string
		when       Time
	}{
		{"Less than a day", ToneWarn, ago("2026-05-17T13:04:00Z", "29 days ago", "17 May 2026 15:04:00 CEST")},
		{"2 of 30", ToneWarn, ago("2026-05-19T12:04:00Z", "28 days ago", "19 May 2026 14:04:00 CEST")},
		{"13 of 30", ToneOK, ago("2026-05-30T12:04:00Z", "17 days ago", "30 May 2026 14:04:00 CEST")},
		{"Not told", ToneOff, Time{}},
		{"29 of 30", ToneOK, ago("2026-06-15T12:04:00Z", "yesterday", "15 Jun 2026 14:04:00 CEST")},
	}
	for i, r := range sampleRows(rows) {
		l := left[i%len(left)]
		p.Deleted = append(p.Deleted, DeletedRow{UserRow: r, When: l.when, Left: l.text, LeftTone: l.tone, Command: "rollcall users restore " + contosoID + " " + r.ID})
	}
	return p
}

func noDeleted() DeletedPage {
	p := sampleDeleted(0)
	p.Query, p.Clear = "mülller", p.Path
	p.Total = 5
	p.Applied = []Chip{{Label: "Germany", On: true, Href: p.Path + "?q=m%C3%BClller"}}
	p.Hidden = []Hidden{{"location", "DE"}}
	p.Empty = &Nothing{Title: "No deleted user of " + contosoName + " matches “mülller” with Germany", Text: "All 5 deleted users were searched.", Actions: []Action{{Label: "Clear filters", Href: p.Path, Primary: true}}}
	return p
}

func deletedLoading() DeletedPage {
	p := sampleDeleted(0)
	p.Status = UsersStatusLine{Reading: true, Loading: true, Poll: p.Path + "?read=0", Show: p.Path}
	p.Read, p.Pager = Time{}, Pager{}
	return p
}

func deletedGrowing() DeletedPage {
	p := sampleDeleted(5)
	p.Status = UsersStatusLine{Reading: true, Read: 4500, More: 1500, Poll: p.Path + "?read=3000", Show: p.Path}
	p.Part, p.Total, p.Shown = true, 4500, 4500
	return p
}

func hostileDeleted() DeletedPage {
	p := sampleDeleted(0)
	p.Chrome = hostileChrome()
	p.Customer.Name, p.Query = hostileText, hostileText
	p.Applied = []Chip{{Label: hostileText, Href: hostileText}}
	p.Deleted = []DeletedRow{
		{UserRow: UserRow{ID: hostileText, DisplayName: hostileText, UPN: hostileText, NameMarks: []Segment{{hostileText, true}}, Location: hostileText, DomainType: hostileText}, Left: "2 of 30", LeftTone: ToneWarn, When: Time{hostileText, hostileText, hostileText}, Command: hostileText},
		{UserRow: UserRow{ID: "x", UPN: strings.Repeat("a", 113) + "@contoso.example", Guest: true}, Left: "2 of 30"},
	}
	return p
}

func deletedUser() UserPage {
	p := sampleUser()
	p.Licenses, p.Roles, p.SyncedNote, p.Elsewhere = LicensesCard{}, RolesCard{}, "", nil
	p.List, p.Deleted = "/customers/"+contosoID+"/users", "/customers/"+contosoID+"/users/deleted"
	p.Restoration = &Restoration{Text: p.DisplayName + " was deleted on 2 June; 16 days left to restore.", Tone: ToneWarn, Command: "rollcall users restore " + contosoID + " " + p.ID}
	return p
}

func sampleFind() CompareFind {
	path := templ.SafeURL("/customers/" + contosoID + "/users/3c0e7a52-1b9d-4f36-a1c4-8d25e6b0f7a9")
	return CompareFind{Path: path, Query: "mül", Tell: "2 users match", Note: "58 users match: type more of the name.", Hits: []CompareHit{
		{Href: path + "?compare=1", ID: "1", Name: "Sabine Müller", Marks: []Segment{{"Sabine ", false}, {"Mül", true}, {"ler", false}}, UPN: "s.mueller@contoso.example"},
		{Href: path + "?compare=2", ID: "2", UPN: "muell-svc@contoso.example"}}}
}

func hostileFind() CompareFind {
	return CompareFind{Path: "/x", Query: hostileText, Notice: hostileText, Note: hostileText, Tell: hostileText, Hits: []CompareHit{{Href: hostileText, ID: hostileText, Name: hostileText, Marks: []Segment{{hostileText, true}}, UPN: hostileText}}}
}

func sampleCompare() ComparePage {
	at := templ.SafeURL("/customers/" + contosoID + "/users/")
	yes, no := CompareValue{"Assigned", MarkYes}, CompareValue{"Not assigned", MarkNo}
	p := ComparePage{
		Chrome:   sampleChrome(contosoName+" · Jürgen Müller-Lüdenscheidt and Sabine Müller", string(at)+"1?compare=2"),
		Customer: sampleCustomer(), List: "/customers/" + contosoID + "/users",
		Left:  ComparedUser{Href: at + "1", ID: "1", Name: "Jürgen Müller-Lüdenscheidt", UPN: "j.mueller@contoso.example", Synced: true},
		Right: ComparedUser{Href: at + "2", ID: "2", UPN: "backup-svc_fabrikam.example#EXT#@contoso.onmicrosoft.com", Guest: true},
		Swap:  at + "2?compare=1", Read: read1402, Find: CompareFind{Path: at + "1"},
		Different: []CompareRow{
			{What: "Microsoft 365 E5", Kind: "License · SPE_E5", Left: yes, Right: no},
			{What: "Sway", Kind: "Service plan of Microsoft 365 E3", Left: CompareValue{"On", MarkYes}, Right: CompareValue{"Off", MarkNo}},
			{What: "User Administrator", Kind: "Role", Left: CompareValue{"Has it", MarkYes}, Right: CompareValue{"Doesn’t have it", MarkNo}},
			{What: "Usage location", Kind: "Detail", Left: CompareValue{Text: "Germany"}, Right: CompareValue{"Not set", MarkWarn}},
		},
		Same: []CompareRow{{What: "Microsoft 365 E3", Kind: "License · SPE_E3", Left: yes, Right: yes}, {What: "Domain type", Kind: "Detail", Left: CompareValue{Text: "Managed"}, Right: CompareValue{Text: "Managed"}}},
	}
	p.At = JumpPlace{CustomerID: contosoID, Name: contosoName}
	return p
}

func sameUsers() ComparePage {
	p := sampleCompare()
	p.Different, p.Same = nil, p.Same[:1]
	return p
}

func withheldCompare() ComparePage {
	p := sampleCompare()
	p.Same = nil
	p.Missing = []Missing{{Withheld: &Withheld{Title: "Licenses aren’t compared", Text: "This needs Directory Readers.", CopyText: "Please give me Directory Readers."}}, {Trouble: new(sampleProblem(ProblemThrottled))}}
	return p
}

func hostileCompare() ComparePage {
	p := sampleCompare()
	p.Chrome = hostileChrome()
	p.Left.Name, p.Left.UPN, p.Right.Name, p.Customer.Name = hostileText, hostileText, strings.Repeat("Donaudampfschifffahrt", 12), hostileText
	p.Different = append(p.Different, CompareRow{What: hostileText, Kind: hostileText, Left: CompareValue{Text: hostileText}, Right: CompareValue{hostileText, MarkNo}})
	p.Find = hostileFind()
	return p
}
