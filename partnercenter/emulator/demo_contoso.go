package emulator

import (
	"fmt"
	"time"
)

// contoso is the customer that pages are shown with: 412 users, the first of
// them written down so that docs, pictures and tests can name them.
func contoso(now time.Time) customerRow {
	row := customerRow{
		id: ContosoID, name: "Contoso Deutschland GmbH & Co. KG", domains: ContosoDomain + " werk.contoso.example!",
		country: "DE", city: "Düsseldorf", users: 412, deleted: 6, mix: "dach", kit: "contoso", synced: 65,
	}
	for i, w := range contosoStaff {
		row.written = append(row.written, w.person(i, now))
	}
	for i, w := range contosoLost {
		who := w.person(len(contosoStaff)+i, now)
		who.deleted = now.Add(-time.Duration(w.daysGone)*24*time.Hour - time.Minute).Truncate(time.Second)
		row.lost = append(row.lost, who)
	}
	row.roles = map[string][]int{
		roleCompanyAdmin:   {4, 0, 27},
		roleHelpdesk:       {1, 9, 60, 61},
		roleUserAdmin:      {4, 20, 62, 63},
		roleServiceSupport: {13, 21},
	}
	return row
}

// writtenPerson is a user as written down; the ID follows from the position.
type writtenPerson struct {
	display, first, last, upn, location string
	syncedMinutes                       int  // ago; 0: cloud only
	daysGone                            int  // since the deletion
	other                               bool // guest, room, service
}

func (w writtenPerson) person(i int, now time.Time) person {
	who := person{
		id:      fmt.Sprintf("c0a70500-0000-4000-8000-%012x", i+1),
		display: w.display, first: w.first, last: w.last, upn: w.upn, location: w.location,
		domainType: "managed", noLicense: w.other,
	}
	if w.syncedMinutes > 0 {
		who.domainType = "federated"
		who.immutableID = fmt.Sprintf("%022dA==", i+1)
		who.lastSync = now.Add(-time.Duration(w.syncedMinutes) * time.Minute).Truncate(time.Second)
	}
	return who
}

const contosoInitial = "contoso.onmicrosoft.example"

var contosoStaff = []writtenPerson{
	{"Ahmed Al-Farsi", "Ahmed", "Al-Farsi", "a.alfarsi@contoso.example", "AE", 14, 0, false},
	{"Agnieszka Wójcik", "Agnieszka", "Wójcik", "a.wojcik@contoso.example", "PL", 0, 0, false},
	{"عائشة الهاشمي", "عائشة", "الهاشمي", "a.alhashimi@contoso.example", "AE", 14, 0, false},
	{"Anneliese Freifrau von Schwarzenberg-Hohenstein", "Anneliese", "Freifrau von Schwarzenberg-Hohenstein", "anneliese.von-schwarzenberg-hohenstein@contoso.example", "DE", 14, 0, false},
	{"Carsten Brandt", "Carsten", "Brandt", "c.brandt@contoso.example", "DE", 14, 0, false},
	{"Beatriz Fernández Ortega", "Beatriz", "Fernández Ortega", "b.fernandez@contoso.example", "ES", 14, 0, false},
	{"Bùi Thị Thanh Hương", "Thị Thanh Hương", "Bùi", "b.thithanhhuong@contoso.example", "VN", 0, 0, false},
	{"Bart van der Meulen", "Bart", "van der Meulen", "b.vandermeulen@contoso.example", "NL", 14, 0, false},
	{"", "", "", "backup-svc@contoso.example", "", 0, 0, true},
	{"Chloé Lefèvre", "Chloé", "Lefèvre", "c.lefevre@contoso.example", "FR", 0, 0, false},
	{"Elif Yıldırım-Krause", "Elif", "Yıldırım-Krause", "e.yildirim@contoso.example", "DE", 14, 0, false},
	{"Ernst-Wilhelm Großkreutz", "Ernst-Wilhelm", "Großkreutz", "e.grosskreutz@contoso.example", "DE", 5760, 0, false},
	{"Empfang Düsseldorf", "", "", "empfang.dus@contoso.example", "DE", 0, 0, false},
	{"Grace Okonkwo", "Grace", "Okonkwo", "g.okonkwo@contoso.example", "US", 0, 0, false},
	{"فهد بن عبد العزيز السبيعي", "فهد", "بن عبد العزيز السبيعي", "f.alsubaie@contoso.example", "AE", 14, 0, false},
	{"Fatima Zahra El Idrissi", "Fatima Zahra", "El Idrissi", "f.elidrissi@contoso.example", "FR", 14, 0, false},
	{"萩原 さくら", "さくら", "萩原", "h.sakura@contoso.example", "JP", 22, 0, false},
	{"Ingrid Sørensen", "Ingrid", "Sørensen", "i.soerensen@contoso.example", "DE", 14, 0, false},
	{"José Ramón Iturriaga", "José Ramón", "Iturriaga", "j.iturriaga@contoso.example", "ES", 0, 0, false},
	{"Jana Kowalczyk", "Jana", "Kowalczyk", "j.kowalczyk@contoso.example", "PL", 0, 0, false},
	{"Jürgen Müller-Lüdenscheidt", "Jürgen", "Müller-Lüdenscheidt", "j.mueller@contoso.example", "DE", 14, 0, false},
	{"加藤 健一郎", "健一郎", "加藤", "k.kato@contoso.example", "JP", 22, 0, false},
	{"Konferenzraum Elbe (12 Plätze)", "", "", "konf.elbe@contoso.example", "DE", 0, 0, true},
	{"Maximilian Alexander Graf von Hohenzollern-Sigmaringen", "Maximilian Alexander", "Graf von Hohenzollern-Sigmaringen", "maximilian-alexander.von-hohenzollern-sigmaringen@contoso.example", "DE", 14, 0, false},
	{"Marta Nowak", "Marta", "Nowak", "m.nowak@contoso.example", "", 0, 0, false},
	{"Renate Abels", "", "", "renate_abels.example#EXT#@" + contosoInitial, "DE", 0, 0, true},
	{"Søren Åkesson", "Søren", "Åkesson", "s.akesson@contoso.example", "DE", 14, 0, false},
	{"Sabine Müller", "Sabine", "Müller", "s.mueller@contoso.example", "DE", 14, 0, false},
	{"Sabine Mueller", "Sabine", "Mueller", "s.mueller2@contoso.example", "DE", 14, 0, false},
	{"", "", "", "scan-2nd-floor@" + contosoInitial, "", 0, 0, true},
	{"O'Brien, Siân", "Siân", "O'Brien", "s.obrien@contoso.example", "GB", 0, 0, false},
	{"נועה כהן", "נועה", "כהן", "n.cohen@contoso.example", "IL", 0, 0, false},
}

var contosoLost = []writtenPerson{
	{"Rashid Karimov", "Rashid", "Karimov", "r.karimov@contoso.example", "DE", 0, 28, false},
	{"Konferenzraum Alster", "", "", "konf.alster@contoso.example", "DE", 0, 24, true},
	{"Änne-Marie Vogt", "Änne-Marie", "Vogt", "ae.vogt@contoso.example", "DE", 0, 17, false},
	{"Piotr Zieliński", "Piotr", "Zieliński", "p.zielinski@contoso.example", "PL", 0, 9, false},
	{"Test Account 2", "Test", "Account 2", "test2@contoso.example", "DE", 0, 1, false},
	{"Test Account 1", "Test", "Account 1", "test1@contoso.example", "DE", 0, 1, false},
}
