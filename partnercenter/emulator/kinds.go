package emulator

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// staffName is a pair of names that no other of that culture has in the same
// round, and the display name made of it.
func (p *people) staffName(n, ordinal int, pool *pool) (first, last name, display string) {
	country := int(pool.country[0])<<8 + int(pool.country[1])
	start := int(p.draw(country, drawOffset) % uint64(pool.size()))
	first, last = pool.pair((ordinal + start) % pool.size())
	if p.draw(n, drawMissing)%256 != noDisplayName {
		h := p.draw(n, drawStyle)
		given := first.text
		if ordinal >= pool.size() && h>>32%8 != 0 && !pool.familyFirst {
			given += " " + string(rune('A'+h>>40%26)) + "." // seven of eight namesakes have an initial
		}
		display = displayName(pool, given, last.text, h%100)
	}
	return first, last, display
}

// What a record may lack, of 256.
const (
	noFirstName = iota
	noLastName
	noNames
	noDisplayName
	capitalUPN
)

// staff are people of a culture.
func (p *people) staff(who *person, n, ordinal int, pool *pool) {
	first, last, display := p.staffName(n, ordinal, pool)
	who.first, who.last, who.display = first.text, last.text, display
	local := localPart(first, last, ordinal/pool.size())

	at := p.domains[0]
	if len(p.domains) > 1 {
		if d := int(p.draw(n, drawDomain) % 10); d < 3 {
			at = p.domains[1+d%(len(p.domains)-1)]
		}
	}
	who.upn, who.domainType = local+"@"+at.name, at.kind()

	who.location = pool.country
	if l := p.draw(n, drawLocation) % 100; l < 3 {
		who.location = ""
	} else if l < 6 {
		who.location = "US"
	}
	if p.draw(n, drawPhone)%100 < 45 {
		who.phone = phone(pool.country, p.draw(n, drawPhone)>>32)
	}
	if at.federated || int(p.draw(n, drawSync)%100) < p.synced {
		p.sync(who, n)
	}
	switch p.draw(n, drawMissing) % 256 {
	case noFirstName:
		who.first = ""
	case noLastName:
		who.last = ""
	case noNames:
		who.first, who.last = "", ""
	case capitalUPN:
		who.upn = strings.ToUpper(who.upn[:1]) + who.upn[1:]
	}
}

// localPart is the left half of an address; a number tells namesakes apart.
func localPart(first, last name, round int) string {
	local := first.slug + "." + last.slug
	if round > 0 {
		local += strconv.Itoa(round + 1)
	}
	return local
}

// displayName writes a name in one of the ways that directories have it.
func displayName(c *pool, first, last string, style uint64) string {
	department := departments[style%uint64(len(departments))]
	switch {
	case c.noSpace:
		return last + first
	case c.familyFirst:
		return last + " " + first
	case style < 6:
		return last + ", " + first
	case style < 9:
		return first + " " + last + " (" + department + ")"
	case style < 10:
		return "Prof. Dr. " + first + " " + last + ", " + department + " & Partner"
	}
	return first + " " + last
}

var departments = []string{"Sales", "R&D", "Vertrieb <extern>", "Logística"}

// sync marks a user as mastered on premises.
func (p *people) sync(who *person, n int) {
	h := p.draw(n, drawSync)
	var anchor [16]byte
	binary.BigEndian.PutUint64(anchor[:8], h)
	binary.BigEndian.PutUint64(anchor[8:], mix(h))
	who.immutableID = base64.StdEncoding.EncodeToString(anchor[:])
	age := time.Duration(h>>20%1800) * time.Second
	if h>>40%32 == 0 { // its sync has stopped
		age += time.Duration(1+h>>45%30) * 24 * time.Hour
	}
	who.lastSync = p.now.Add(-age).Truncate(time.Second)
}

var guestCultures = []string{"de", "fr", "en", "pl", "jp", "in"}
var guestDomains = []string{"adventure-works.example", "tailspintoys.example", "graphicdesign.example"}

func (p *people) guest(who *person, n, ordinal int) {
	pool := pools()[guestCultures[ordinal%len(guestCultures)]]
	ordinal /= len(guestCultures)
	first, last := pool.pair(ordinal % pool.size())
	local := localPart(first, last, ordinal/pool.size())
	home := guestDomains[p.draw(n, drawDomain)%uint64(len(guestDomains))]
	who.upn = local + "_" + home + "#EXT#@" + p.initialDomain()
	who.display = first.text + " " + last.text
	if p.draw(n, drawMissing)%3 == 0 {
		who.first, who.last = first.text, last.text
	}
	who.domainType, who.noLicense = "managed", true
}

var services = []string{"svc-backup", "svc-sql", "no-reply", "svc-scan-to-mail", "invoices", "svc-entra-connect", "helpdesk", "svc-monitoring"}
var serviceNames = []string{"Service Account Backup", "SQL Agent", "No Reply", "Scan to Mail", "Invoices & Dunning", "On-Premises Directory Synchronization Service Account", "Helpdesk", "Monitoring (don't delete!)"}

func (p *people) service(who *person, ordinal int) {
	kind := ordinal % len(services)
	number := ordinal/len(services) + 1
	who.upn = fmt.Sprintf("%s-%02d@%s", services[kind], number, p.initialDomain())
	who.display = fmt.Sprintf("%s %02d", serviceNames[kind], number)
	who.domainType, who.noLicense = "managed", true
}

var rooms = []string{"Konferenzraum Elbe (12 Plätze)", "Meeting Room Rainier", "会議室 富士", "Salle Garonne", "Sala Żubr", "غرفة الاجتماعات"}
var roomParts = []string{"room-elbe", "room-rainier", "room-fuji", "room-garonne", "room-zubr", "room-dubai"}

func (p *people) room(who *person, n, ordinal int) {
	kind := ordinal % len(rooms)
	number := ordinal/len(rooms) + 1
	who.upn = fmt.Sprintf("%s-%d@%s", roomParts[kind], number, p.domains[0].name)
	who.display = fmt.Sprintf("%s %d", rooms[kind], number)
	who.domainType, who.noLicense = p.domains[0].kind(), true
	if p.draw(n, drawLocation)%2 == 0 {
		who.location = "DE"
	}
}

func (p *people) device(who *person, ordinal int) {
	who.upn = fmt.Sprintf("scan-%04d@%s", ordinal+1, p.initialDomain())
	who.domainType, who.noLicense = "managed", true
}

func (d domain) kind() string {
	if d.federated {
		return "federated"
	}
	return "managed"
}

// initialDomain is the one that a tenant is born with.
func (p *people) initialDomain() string { return p.domains[len(p.domains)-1].name }

// phone makes a number from ranges set aside for fiction where a country has them.
func phone(country string, h uint64) string {
	switch country {
	case "DE":
		return fmt.Sprintf("+49 30 23125 %03d", h%1000)
	case "US":
		return fmt.Sprintf("+1 (425) 555-01%02d", h%100)
	case "GB":
		return fmt.Sprintf("+44 20 7946 0%03d", h%1000)
	case "FR":
		return fmt.Sprintf("+33 1 99 00 %02d %02d", h%100, h>>8%100)
	case "SE":
		return fmt.Sprintf("+46 8 465 004 %02d", h%100)
	}
	return fmt.Sprintf("555-%04d", h%10000)
}
