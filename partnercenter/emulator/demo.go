package emulator

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// The partner and the customers that docs and tests name.
const (
	PartnerTenantID = "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"
	PartnerName     = "Fabrikam Cloud Services"
	partnerDomain   = "fabrikam-cloud.example"

	// DocumentedCustomerID answers with the documented users, deleted user,
	// licenses and company profile, byte for byte.
	DocumentedCustomerID = "4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04"

	// ContosoID has 412 users of many kinds, and products in every state.
	ContosoID     = "9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916"
	ContosoDomain = "contoso.example"

	// NorthwindID has Options.BigUsers users.
	NorthwindID     = "86f31f45-d688-4251-b5fd-c800359db340"
	NorthwindDomain = "northwind.example"

	// AdminOnlyCustomerID gives delegated privileges to AdminAgent alone.
	AdminOnlyCustomerID = "049fb224-6f9a-4f3c-befd-effb10510962"
	// NobodyCustomerID gives delegated privileges to nobody: 403, code 2032.
	NobodyCustomerID = "cf1be1ea-a915-478e-91e4-ac51eb6aa334"
	// GlobalReaderCustomerID gives Reader the role Global Reader only.
	GlobalReaderCustomerID = "77abf42c-b0e3-4e44-84bb-318d20aa2535"
	// DepartedCustomerID is still listed, yet has left: 403, code 20002.
	DepartedCustomerID = "ec89c903-3496-4537-b4c0-ebc9076b157a"
	// HostileCustomerID has users whose names are markup, formulas and worse.
	HostileCustomerID = "e6c8e65b-5e48-45b8-b7e4-dc46f142f9c8"
	// EmptyCustomerID has no user at all.
	EmptyCustomerID = "ad0739f5-e97b-4c46-8786-0276194eb5c6"
)

// customerRow is a customer as it is written down.
type customerRow struct {
	id, name string
	domains  string // the primary one first, separated by spaces; "!" behind a federated one
	country  string
	city     string
	users    int
	deleted  int
	mix      string // key of mixes: where its people come from
	kit      string // key of kits: what it has subscribed to
	synced   int    // percent of its staff

	relation          string // to the partner; "" is reseller
	reseller          string // partner ID of an indirect reseller
	noDelegatedAccess bool
	departed          bool
	written, lost     []person
	roles             map[string][]int // members by role ID; nil: drawn
}

// demoWorld is the customers of the demo: the documented one, Contoso, the big
// one, and many others.
func demoWorld(seed uint64, bigUsers int, now time.Time) *world {
	rows := append([]customerRow{
		documentedCustomer(now),
		contoso(now),
		hostile(now),
		{
			id: NorthwindID, name: "Northwind Traders International Logistics and Distribution Holdings",
			domains: NorthwindDomain + " emea.northwind.example! northwind-logistics.example",
			country: "US", city: "Minneapolis", users: bigUsers, deleted: 300, mix: "world", kit: "enterprise", synced: 65,
		},
	}, otherCustomers...)
	return newWorld(seed, rows, now)
}

var otherCustomers = []customerRow{
	{id: "fa2535ed-e69b-470c-bb88-9fd222b2ad16", name: "Adatum Corporation", domains: "adatum.example", country: "US", city: "Seattle", users: 118, deleted: 4, mix: "us", kit: "enterprise", synced: 60},
	{id: "b75dad8f-5f87-475f-bfe9-822f15dd2012", name: "A. Datum Corporation", domains: "a-datum.example", country: "US", city: "Spokane", users: 12, deleted: 0, mix: "us", kit: "small", synced: 0},
	{id: "2cfa4c4b-8921-4ec0-a94a-588b03e7ce52", name: "Adventure Works Cycles", domains: "adventure-works.example", country: "US", city: "Bothell", users: 250, deleted: 9, mix: "us", kit: "enterprise", synced: 40},
	{id: "cfe85580-13bc-4ead-92eb-f43fe7c761cc", name: "Alpenländische Elektrizitätsgenossenschaft e. G.", domains: "aeg-strom.example", country: "AT", city: "Innsbruck", users: 340, deleted: 6, mix: "dach", kit: "enterprise", synced: 80},
	{id: "5f7f676b-4792-4338-bd17-2d0cf70b520a", name: "Alpine Ski House", domains: "alpineskihouse.example", country: "CH", city: "Chur", users: 51, deleted: 1, mix: "swiss", kit: "small", synced: 0, noDelegatedAccess: true},
	{id: "2acb4463-7922-4b7c-89b2-8dded9e05ab5", name: "Αιγαίο Ναυτιλιακή Α.Ε.", domains: "aigaio-shipping.example", country: "GR", city: "Piraeus", users: 75, deleted: 2, mix: "greece", kit: "small", synced: 0},
	{id: GlobalReaderCustomerID, name: "Bellows College", domains: "bellowscollege.example", country: "GB", city: "Oxford", users: 2400, deleted: 40, mix: "uk", kit: "school", synced: 0, relation: "advisor"},
	{id: "771cc952-5312-4091-93f1-fe72d647ddfd", name: "Best For You Organics Company", domains: "bestforyouorganics.example", country: "US", city: "Portland", users: 8, deleted: 0, mix: "us", kit: "tight", synced: 0},
	{id: "7bc44068-8fdb-46be-9ec9-c8700c68b69e", name: "Bułka i Żur Sp. z o.o.", domains: "bulka-zur.example", country: "PL", city: "Łódź", users: 18, deleted: 1, mix: "poland", kit: "small", synced: 0},
	{id: "fddc944c-7075-4218-8ab3-e15038d51595", name: "Blue Yonder Airlines", domains: "blueyonderairlines.example", country: "US", city: "Chicago", users: 1500, deleted: 25, mix: "world", kit: "enterprise", synced: 90},
	{id: "262a5521-cbae-4b66-b56d-e3a1289c24b2", name: "City Power & Light", domains: "cpandl.example", country: "US", city: "Denver", users: 499, deleted: 7, mix: "us", kit: "enterprise", synced: 75, noDelegatedAccess: true},
	{id: "0498558d-223f-4b15-bced-861c54141e44", name: "Coho Vineyard & Winery", domains: "cohowinery.example", country: "US", city: "Walla Walla", users: 25, deleted: 0, mix: "us", kit: "small", synced: 0},
	{id: "31af0981-7d04-44a1-8488-13358eee3600", name: "Coho Vineyard", domains: "cohovineyard.example", country: "FR", city: "Beaune", users: 1, deleted: 0, mix: "france", kit: "small", synced: 0},
	{id: "058550b6-f5d2-4de3-b379-e72bef6a9dd2", name: "Consolidated Messenger", domains: "consolidatedmessenger.example", country: "US", city: "Atlanta", users: 900, deleted: 12, mix: "us", kit: "enterprise", synced: 50},
	{id: "7352ca6e-1691-495a-a045-45510b91280d", name: "Contoso Deutschland GmbH", domains: "contoso-dach.example", country: "DE", city: "München", users: 40, deleted: 2, mix: "dach", kit: "small", synced: 0},
	{id: "fd379b42-80b1-4c1c-9eea-859f2094d347", name: "Contoso Deutschland GmbH", domains: "contoso-vertrieb.example", country: "DE", city: "Leipzig", users: 3, deleted: 0, mix: "dach", kit: "small", synced: 0},
	{id: "b2f5f4ee-ca5f-4891-beef-878bf5cfbadf", name: "Contoso Pharmaceuticals", domains: "contosopharma.example", country: "IE", city: "Dublin", users: 500, deleted: 11, mix: "uk", kit: "enterprise", synced: 70},
	{id: "670173b9-1e9f-4d36-aaae-b9f460ab8c3d", name: "Contoso Suites", domains: "contososuites.example", country: "IT", city: "Venezia", users: 101, deleted: 3, mix: "italy", kit: "small", synced: 0},
	{id: "ac066c7f-d8ae-4c12-91ef-792b7b566ecb", name: "Datum Hradec Králové s.r.o.", domains: "datum-hk.example", country: "CZ", city: "Hradec Králové", users: 49, deleted: 0, mix: "czech", kit: "small", synced: 0},
	{id: "9293e190-345f-4374-8461-ac726a803dc5", name: "Dzeroes AS", domains: "dzeroes.example", country: "NO", city: "Tromsø", users: 2, deleted: 0, mix: "nordic", kit: "small", synced: 0},
	{id: "3dd3e805-b21c-4208-85fb-f304d9bfbd47", name: "Fincher Architects", domains: "fincherarchitects.example", country: "NL", city: "Rotterdam", users: 50, deleted: 1, mix: "benelux", kit: "small", synced: 0},
	{id: "b6a79f9d-11c4-4d7e-aacd-7801a17f9507", name: "First Up Consultants", domains: "firstupconsultants.example", country: "GB", city: "Leeds", users: 100, deleted: 2, mix: "uk", kit: "enterprise", synced: 0},
	{id: "7dfb1b1d-1a2f-4766-8c6a-1067f8b8c6e8", name: "Fourth Coffee", domains: "fourthcoffee.example", country: "US", city: "Tacoma", users: 99, deleted: 3, mix: "us", kit: "tight", synced: 0},
	{id: "72375248-6cb9-4514-a066-53995d876ea6", name: "Graphic Design Institute", domains: "graphicdesign.example", country: "US", city: "Boston", users: 620, deleted: 14, mix: "us", kit: "school", synced: 0},
	{id: AdminOnlyCustomerID, name: "Humongous Insurance", domains: "humongousinsurance.example", country: "US", city: "Hartford", users: 5000, deleted: 80, mix: "world", kit: "enterprise", synced: 95, noDelegatedAccess: true},
	{id: "ce794f90-0370-4bce-bd81-676a3ae4402b", name: "Işık Tekstil Sanayi ve Ticaret A.Ş.", domains: "isiktekstil.example", country: "TR", city: "İzmir", users: 120, deleted: 2, mix: "turkey", kit: "small", synced: 0},
	{id: "e1f5982e-c3ed-470f-a3d2-72ce687e870a", name: "Jämtlands Åkeri & Øresund Spedition AB", domains: "jamtlands-akeri.example", country: "SE", city: "Östersund", users: 75, deleted: 1, mix: "nordic", kit: "small", synced: 30},
	{id: "3b923fd8-534e-4087-8e03-21e12be29816", name: "Lamna Healthcare Company", domains: "lamnahealthcare.example", country: "IN", city: "Bengaluru", users: 1000, deleted: 18, mix: "india", kit: "enterprise", synced: 60},
	{id: "161d77a7-eb9b-48d5-9bb3-612ccf257f43", name: "Liberty's Delightful Sinful Bakery & Cafe", domains: "libertysbakery.example", country: "US", city: "Salem", users: 5, deleted: 0, mix: "us", kit: "small", synced: 0},
	{id: "b690f0e6-a152-40cf-85a1-3a061178fb3d", name: "Litware, Inc.", domains: "litware.example", country: "US", city: "Austin", users: 250, deleted: 5, mix: "us", kit: "lapsed", synced: 0},
	{id: "ad23763c-07c2-4759-9115-2157decbf8c9", name: "Lucerne Publishing", domains: "lucernepublishing.example", country: "CH", city: "Luzern", users: 101, deleted: 0, mix: "swiss", kit: "enterprise", synced: 20},
	{id: "07be9934-f6e1-4e82-adbc-b1a7178575c0", name: "Margie's Travel", domains: "margiestravel.example", country: "AU", city: "Hobart", users: 20, deleted: 0, mix: "uk", kit: "small", synced: 0},
	{id: "e03b95b5-2edd-4d4a-994e-083b4e84bccf", name: "Mülheimer Stadtwerke AöR", domains: "stadtwerke-mh.example", country: "DE", city: "Mülheim an der Ruhr", users: 501, deleted: 8, mix: "dach", kit: "enterprise", synced: 85},
	{id: EmptyCustomerID, name: "Munson's Pickles and Preserves Farm", domains: "munsonspickles.example", country: "US", city: "Yakima", users: 0, deleted: 0, mix: "us", kit: "none", synced: 0},
	{id: "dd713fb1-dacd-43e4-99c3-43fa86dacf50", name: "Northwind Electric Cars", domains: "northwindelectric.example", country: "DE", city: "Stuttgart", users: 412, deleted: 6, mix: "dach", kit: "enterprise", synced: 40},
	{id: "f9231eda-ff1f-46e8-a1b2-968190d685f2", name: "Olá Açores, Lda.", domains: "ola-acores.example", country: "PT", city: "Ponta Delgada", users: 12, deleted: 0, mix: "iberia", kit: "small", synced: 0},
	{id: "305d1800-6327-4029-a185-4262c136e70c", name: "Proseware", domains: "proseware.example", country: "US", city: "San Jose", users: 160, deleted: 3, mix: "world", kit: "enterprise", synced: 10, reseller: "4847383"},
	{id: "8376fbdb-f660-4723-ba32-e3b7dbdb9983", name: "Relecloud", domains: "relecloud.example", country: "ES", city: "Barcelona", users: 210, deleted: 4, mix: "iberia", kit: "enterprise", synced: 0, reseller: "4847383"},
	{id: "7f866624-8309-4c8b-b61d-58af7078d0c6", name: "Relecloud", domains: "relecloud-nordics.example", country: "FI", city: "Oulu", users: 60, deleted: 1, mix: "finland", kit: "small", synced: 0, reseller: "4847383"},
	{id: "0ef2eda1-fc0e-424f-a651-f0c727a5deeb", name: "School of Fine Art", domains: "fineartschool.example", country: "FR", city: "Lyon", users: 1200, deleted: 30, mix: "france", kit: "school", synced: 0},
	{id: "b1c40f74-432a-42c1-8916-a3fd34369f4a", name: "Société Générale de Menuiserie et d'Ébénisterie Traditionnelle du Haut-Languedoc et des Corbières Réunies, anciennement Établissements L'Hermitte, N'Diaye & Fils", domains: "menuiserie-corbieres.example", country: "FR", city: "Carcassonne", users: 9, deleted: 0, mix: "france", kit: "small", synced: 0},
	{id: "f4cba12d-ca4a-4fcd-9d13-751d1c0733ea", name: "Southridge Video", domains: "southridgevideo.example", country: "CA", city: "Montréal", users: 31, deleted: 0, mix: "france", kit: "lapsed", synced: 0},
	{id: "7a2729df-2df0-493b-a4a7-1883f2036b87", name: "Szűcs és Társa Kft.", domains: "szucs-tarsa.example", country: "HU", city: "Győr", users: 14, deleted: 0, mix: "hungary", kit: "small", synced: 0},
	{id: "716c3cf6-a098-4e79-b751-3264705913a8", name: "Tailspin Toys", domains: "tailspintoys.example", country: "US", city: "Orlando", users: 130, deleted: 2, mix: "us", kit: "small", synced: 0},
	{id: "a3b52cc0-f185-4b79-8ab2-6d3a712baf41", name: "Tailwind Traders", domains: "tailwindtraders.example", country: "US", city: "Kansas City", users: 800, deleted: 10, mix: "world", kit: "enterprise", synced: 70},
	{id: "5b1bcf73-b1bb-4af2-b2b8-060f2094b1ac", name: "The Phone Company", domains: "thephone-company.example", country: "US", city: "Omaha", users: 1, deleted: 0, mix: "us", kit: "none", synced: 0},
	{id: "58601f12-e8be-4110-834d-07c242ace5a2", name: "Trey Research", domains: "treyresearch.example", country: "JP", city: "Yokohama", users: 64, deleted: 1, mix: "japan", kit: "enterprise", synced: 0, noDelegatedAccess: true},
	{id: "a20ea9cc-a4a5-4740-8a88-3626c374c48f", name: "VanArsdel, Ltd.", domains: "vanarsdel.example", country: "GB", city: "Bristol", users: 300, deleted: 5, mix: "uk", kit: "enterprise", synced: 55, noDelegatedAccess: true},
	{id: "e2cec155-6f70-467b-ab5e-af4fe0e39826", name: "Việt Hương Xuất Nhập Khẩu", domains: "viethuong.example", country: "VN", city: "Đà Nẵng", users: 45, deleted: 0, mix: "vietnam", kit: "small", synced: 0},
	{id: "b5969f0b-dabc-44de-9213-66f88ab04614", name: "Wide World Importers", domains: "wideworldimporters.example", country: "US", city: "San Francisco", users: 420, deleted: 7, mix: "world", kit: "enterprise", synced: 65},
	{id: DepartedCustomerID, name: "Wingtip Toys", domains: "wingtiptoys.example", country: "US", city: "Cleveland", users: 90, deleted: 2, mix: "us", kit: "lapsed", synced: 0, departed: true},
	{id: NobodyCustomerID, name: "Woodgrove Bank", domains: "woodgrovebank.example", country: "US", city: "New York", users: 3200, deleted: 50, mix: "world", kit: "enterprise", synced: 100, noDelegatedAccess: true},
	{id: "806af4a2-f2a0-46b5-a154-d140c738f438", name: "Укрзалізо ТОВ", domains: "ukrzalizo.example", country: "UA", city: "Дніпро", users: 85, deleted: 1, mix: "ukraine", kit: "small", synced: 0},
	{id: "518deb7b-4079-468f-b5f6-5ec20f2c6474", name: "الشركة المتحدة للتجارة والتوزيع", domains: "united-trading.example", country: "AE", city: "دبي", users: 140, deleted: 3, mix: "gulf", kit: "enterprise", synced: 0},
	{id: "757b32b5-3edc-4bf1-87b1-70073c7cab74", name: "בית הדפוס הירושלמי בע\"מ", domains: "jerusalem-print.example", country: "IL", city: "ירושלים", users: 28, deleted: 0, mix: "israel", kit: "small", synced: 0},
	{id: "3b71a0ec-a422-4484-a78b-f18a7b50aaba", name: "株式会社さくら精機製作所", domains: "sakura-seiki.example", country: "JP", city: "諏訪市", users: 380, deleted: 5, mix: "japan", kit: "enterprise", synced: 75},
	{id: "8942c6c1-1049-4b58-abfc-83ade0117f2c", name: "北京晨光进出口有限公司", domains: "chenguang-trade.example", country: "CN", city: "北京", users: 110, deleted: 2, mix: "china", kit: "small", synced: 0},
	{id: "27d03eb3-d127-4ae9-8e34-ffe263e68bc0", name: "한빛전자 주식회사", domains: "hanbit-electronics.example", country: "KR", city: "수원시", users: 95, deleted: 1, mix: "korea", kit: "small", synced: 0},
	{id: "a7b21836-0939-4106-b22f-b8e45efcf160", name: "Zümrüt & Söhne — „Feinkost“", domains: "zumrut-soehne.example", country: "DE", city: "Köln", users: 7, deleted: 0, mix: "dach", kit: "small", synced: 0},
}

// mixes say which cultures a customer's people come from, in proportion.
var mixes = map[string][]string{
	"world": {"de", "de", "de", "de", "en", "en", "en", "en", "en", "en", "gb", "gb", "fr", "fr", "fr", "es", "es", "es",
		"pt", "pt", "it", "it", "nl", "nl", "nordic", "nordic", "fi", "pl", "pl", "pl", "cz", "hu", "tr", "tr", "ru", "gr",
		"ar", "ar", "he", "in", "in", "in", "in", "vn", "jp", "jp", "jp", "cn", "cn", "cn", "kr", "ch"},
	"us":      {"en", "en", "en", "en", "es", "es", "in", "gb", "vn", "cn"},
	"uk":      {"gb", "gb", "gb", "gb", "en", "in", "pl", "fr"},
	"dach":    {"de", "de", "de", "de", "de", "de", "tr", "pl", "ch", "nl", "ar", "en", "vn", "jp", "ru", "nordic"},
	"swiss":   {"ch", "ch", "ch", "de", "fr", "it"},
	"france":  {"fr", "fr", "fr", "fr", "ar", "pt", "vn"},
	"iberia":  {"es", "es", "es", "pt", "pt", "fr"},
	"italy":   {"it", "it", "it", "de"},
	"benelux": {"nl", "nl", "nl", "fr", "tr", "de"},
	"nordic":  {"nordic", "nordic", "nordic", "fi", "de"},
	"finland": {"fi", "fi", "nordic", "ru"},
	"poland":  {"pl", "pl", "pl", "ru"},
	"czech":   {"cz", "cz", "cz", "de", "vn"},
	"hungary": {"hu"},
	"turkey":  {"tr"},
	"ukraine": {"ru"},
	"greece":  {"gr", "gr", "en"},
	"gulf":    {"ar", "ar", "in", "en"},
	"israel":  {"he", "he", "ar", "ru"},
	"india":   {"in", "in", "in", "in", "en"},
	"japan":   {"jp", "jp", "jp", "en"},
	"china":   {"cn", "cn", "cn", "en"},
	"korea":   {"kr", "kr", "en"},
	"vietnam": {"vn", "vn", "fr"},
}

// documentedCustomer is the customer of the API's documentation. Its deleted
// user was deleted at the documented time of day, the last time it was that.
func documentedCustomer(now time.Time) customerRow {
	const documented = "dtdemocspcustomer005.onmicrosoft.com"
	deletion := now.UTC().Truncate(24 * time.Hour).Add(33*time.Minute + 34*time.Second)
	if deletion.After(now) {
		deletion = deletion.Add(-24 * time.Hour)
	}
	return customerRow{
		id: DocumentedCustomerID, name: "DT Demo CSP Customer 005", domains: documented,
		country: "US", city: "Redmond ", users: 2, deleted: 1, mix: "us", kit: "documented",
		written: []person{
			{id: "a9ef48bb-8758-4590-a312-d4a47bfaded4", upn: "Daniel@" + documented, first: "Daniel", last: "Tsai",
				display: "Daniel Tsai", location: "US", domainType: "none", products: []string{ems.partNumber}},
			{id: "6e668259-1f09-479d-bcb8-d9b03e826b8d", upn: "admin@" + documented, first: "Daniel", last: "Tsai",
				display: "DT Demo CSP Customer 005", domainType: "none", products: []string{powerBIPro.partNumber}},
		},
		lost: []person{
			{id: "a45f1416-3300-4f65-9e8d-f123b397a4ea", upn: "e83763f7f2204ac384cfcd49f79f2749@" + documented, first: "Ferdinand",
				last: "Filibuster", display: "Ferdinand", location: "US", domainType: "none", deleted: deletion},
		},
		roles: map[string][]int{roleCompanyAdmin: {1}, roleHelpdesk: {0}},
	}
}

// domainList is the customer's domains, the one its tenant was born with last.
// The documented customer has only that one.
func (r customerRow) domainList() []domain {
	var list []domain
	for name := range strings.FieldsSeq(r.domains) {
		name, federated := strings.CutSuffix(name, "!")
		list = append(list, domain{name, federated})
	}
	if primary, ok := strings.CutSuffix(list[0].name, ".example"); ok {
		list = append(list, domain{name: primary + ".onmicrosoft.example"})
	}
	return list
}

func (r customerRow) relationship() string {
	if r.relation != "" {
		return r.relation
	}
	return "reseller"
}

// documentedAddress is the company profile of the documented customer.
var documentedAddress = address{
	Country: "US", Region: "WA", City: "Redmond ", AddressLine1: "1 Microsoft Way", PostalCode: "98052", PhoneNumber: "4155551212",
}

func (r customerRow) address() address {
	if r.id == DocumentedCustomerID {
		return documentedAddress
	}
	h := mix(binary.BigEndian.Uint64(unhex(r.id)))
	return address{
		Country: r.country, City: r.city,
		AddressLine1: fmt.Sprintf("%d Example Street", 1+h%240),
		PostalCode:   fmt.Sprintf("%05d", h>>16%100000),
		PhoneNumber:  phone(r.country, h>>32),
	}
}

// billingAddress is the address with the person it is sent to.
func (r customerRow) billingAddress() address {
	a := r.address()
	a.FirstName, a.LastName = "Robin", "Example"
	a.State, a.Region = a.Region, ""
	return a
}

func (r customerRow) contact() string {
	if r.id == DocumentedCustomerID {
		return "daniel@hotmail.com.tw"
	}
	return "it@" + r.domainList()[0].name
}

// cultures that billing profiles are written in, by country.
var billingCultures = map[string]string{
	"DE": "de-DE", "AT": "de-AT", "CH": "de-CH", "FR": "fr-FR", "ES": "es-ES", "PT": "pt-PT", "IT": "it-IT", "NL": "nl-NL",
	"PL": "pl-PL", "CZ": "cs-CZ", "SE": "sv-SE", "NO": "nb-NO", "FI": "fi-FI", "HU": "hu-HU", "TR": "tr-TR", "GR": "el-GR",
	"JP": "ja-JP", "CN": "zh-CN", "KR": "ko-KR", "VN": "vi-VN", "AE": "ar-AE", "IL": "he-IL", "UA": "uk-UA", "GB": "en-GB",
}

func (r customerRow) culture() string {
	if c, ok := billingCultures[r.country]; ok {
		return c
	}
	return "en-US"
}

// otherID is another GUID of the customer, one for each purpose.
func (r customerRow) otherID(purpose string) string {
	var b [16]byte
	for i, word := range unhex(r.id) {
		b[i] = word
	}
	h := binary.BigEndian.Uint64(b[:8])
	for _, letter := range []byte(purpose) {
		h = mix(h + uint64(letter))
	}
	binary.BigEndian.PutUint64(b[:8], h)
	binary.BigEndian.PutUint64(b[8:], mix(h))
	return guid(b)
}

func (r customerRow) etag() string {
	return fmt.Sprint(int64(mix(binary.BigEndian.Uint64(unhex(r.id)[8:]))))
}
