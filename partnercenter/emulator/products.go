package emulator

// product is something a customer can subscribe to.
type product struct {
	id, name, partNumber string
	tenantWide           bool // type Tenant: not for users
	group2               bool // Minecraft; every other is group 1
	plans                []plan
}

type plan struct {
	id, displayName, serviceName string
	tenantWide                   bool
}

// Service plans that several products share.
var (
	exchange1    = plan{"9aaf7827-d63c-4b61-89c3-182f06f82e5c", "Exchange Online (Plan 1)", "EXCHANGE_S_STANDARD", false}
	exchange2    = plan{"efb87545-963c-4e0d-99df-69c6916d9eb0", "Exchange Online (Plan 2)", "EXCHANGE_S_ENTERPRISE", false}
	exchangeK    = plan{"4a82b400-a79f-41a4-b4e2-e94f5787b113", "Exchange Online Kiosk", "EXCHANGE_S_DESKLESS", false}
	exchangeBase = plan{"113feb6c-3fe4-4440-bddc-54d774bf0318", "Exchange Foundation", "EXCHANGE_S_FOUNDATION", true}
	teams        = plan{"57ff2da0-773e-42df-b2af-ffb7a2317929", "Microsoft Teams", "TEAMS1", false}
	sharePoint1  = plan{"c7699d2e-19aa-44de-8edf-1736da088ca1", "SharePoint (Plan 1)", "SHAREPOINTSTANDARD", false}
	sharePoint2  = plan{"5dbe027f-2339-4123-9542-606e4d348a72", "SharePoint (Plan 2)", "SHAREPOINTENTERPRISE", false}
	sharePointK  = plan{"902b47e5-dcb2-4fdc-858b-c63a90a2bdb9", "SharePoint Kiosk", "SHAREPOINTDESKLESS", false}
	officeApps   = plan{"43de0ff5-c92c-492b-9116-175376d08c38", "Microsoft 365 Apps for enterprise", "OFFICESUBSCRIPTION", false}
	officeSmall  = plan{"094e7854-93fc-4d55-b2c0-3ab5369ebdc1", "Microsoft 365 Apps for business", "OFFICE_BUSINESS", false}
	windows      = plan{"21b439ba-a0ca-424f-a6cc-52f954a5b111", "Windows 10/11 Enterprise", "WIN10_PRO_ENT_SUB", false}
	intune       = plan{"c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "Microsoft Intune A Direct", "INTUNE_A", false}
	intuneSmall  = plan{"8e9ff0ff-aa7a-4b20-83c1-2f636b600ac2", "Microsoft Intune Plan 1 for small business", "INTUNE_SMBIZ", false}
	rmsPremium   = plan{"6c57d4b6-3b23-47a5-9bc9-69f17b4947b3", "Azure Information Protection Premium P1", "RMS_S_PREMIUM", false}
	rmsPremium2  = plan{"5689bec4-755d-4753-8b61-40975025187c", "Azure Information Protection Premium P2", "RMS_S_PREMIUM2", false}
	rms          = plan{"bea4c11e-220a-4e6d-8eb8-8ea15d019f90", "Microsoft Azure Active Directory Rights", "RMS_S_ENTERPRISE", false}
	entra1       = plan{"41781fb2-bc02-4b7c-bd55-b576c07bb09d", "Azure Active Directory Premium P1", "AAD_PREMIUM", false}
	entra2       = plan{"eec0eb4f-6444-4f95-aba0-50c24d67f998", "Azure Active Directory Premium P2", "AAD_PREMIUM_P2", false}
	mfa          = plan{"8a256a2b-b617-496d-b51b-e76466e88db0", "Microsoft Azure Multi-Factor Authentication", "MFA_PREMIUM", false}
	phoneSystem  = plan{"4828c8ec-dc2e-4779-b502-87ac9ce28ab7", "Microsoft Teams Phone", "MCOEV", false}
	powerBI      = plan{"70d33638-9c74-4d01-bfd3-562de28bd4ba", "Power BI Pro", "BI_AZURE_P2", false}
	defender     = plan{"f20fedf3-f3c3-43c3-8267-2bfdd51c0939", "Microsoft Defender for Office 365 (Plan 1)", "ATP_ENTERPRISE", false}
)

// Products by their part numbers. Names, IDs and plans of EMS and
// POWER_BI_PRO are those of the documented answer.
var (
	ems = &product{
		id: "efccb6f7-5641-4e0e-bd10-b4976e1bf68e", name: "Enterprise Mobility + Security E3", partNumber: "EMS",
		plans: []plan{rmsPremium, intune, rms, entra1, mfa},
	}
	powerBIPro = &product{
		id: "f8a1db68-be16-40ed-86d5-cb42ce701560", name: "Power BI Pro", partNumber: "POWER_BI_PRO",
		plans: []plan{exchangeBase, powerBI},
	}
	m365E3 = &product{
		id: "05e9a617-0261-4cee-bb44-138d3ef5d965", name: "Microsoft 365 E3", partNumber: "SPE_E3",
		plans: []plan{exchange2, teams, sharePoint2, officeApps, windows, intune, entra1, mfa, rms, rmsPremium},
	}
	m365E5 = &product{
		id: "06ebc4ee-1bb5-47dd-8120-11324bc54e06", name: "Microsoft 365 E5", partNumber: "SPE_E5",
		plans: []plan{exchange2, teams, sharePoint2, officeApps, windows, intune, entra1, entra2, mfa, rms, rmsPremium, rmsPremium2, phoneSystem, powerBI, defender},
	}
	m365F3 = &product{
		id: "66b55226-6b4f-492c-910c-a3b7a3c9d993", name: "Microsoft 365 F3", partNumber: "SPE_F1",
		plans: []plan{exchangeK, teams, sharePointK, intune, entra1, mfa, rms},
	}
	businessPremium = &product{
		id: "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", name: "Microsoft 365 Business Premium", partNumber: "SPB",
		plans: []plan{exchange1, teams, sharePoint1, officeSmall, intuneSmall, entra1, mfa, defender},
	}
	exchangePlan1 = &product{
		id: "4b9405b0-7788-4568-add1-99614e613b69", name: "Exchange Online (Plan 1)", partNumber: "EXCHANGESTANDARD",
		plans: []plan{exchange1},
	}
	copilot = &product{
		id: "639dec6b-bb19-468b-871c-c5c441c4b0cb", name: "Microsoft 365 Copilot", partNumber: "Microsoft_365_Copilot",
		plans: []plan{
			{"a62f8878-de10-42f3-b68f-6149a25ceb97", "Microsoft 365 Copilot in Productivity Apps", "M365_COPILOT_APPS", false},
			{"3f30311c-6b1e-48a4-ab79-725b469da960", "Microsoft Copilot with Graph-grounded chat", "M365_COPILOT_BUSINESS_CHAT", false},
			{"b95945de-b3bd-46db-8437-f2beb6ea2347", "Microsoft 365 Copilot in Microsoft Teams", "M365_COPILOT_TEAMS", false},
		},
	}
	teamsPhone = &product{
		id: "e43b5b99-8dfb-405f-9987-dc307f34bcbd", name: "Microsoft Teams Phone Standard", partNumber: "MCOEV",
		plans: []plan{phoneSystem},
	}
	visio = &product{
		id: "c5928f49-12ba-48f7-ada3-0d743a3601d5", name: "Visio Plan 2", partNumber: "VISIOCLIENT",
		plans: []plan{
			exchangeBase,
			{"663a804f-1c30-4ff0-9915-9db84f0d1cea", "Visio Desktop App", "VISIO_CLIENT_SUBSCRIPTION", false},
			{"2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f", "Visio Web App", "VISIOONLINE", false},
		},
	}
	project = &product{
		id: "53818b1b-4a27-454b-8896-0dba576410e6", name: "Project Plan 3", partNumber: "PROJECTPROFESSIONAL",
		plans: []plan{
			exchangeBase,
			{"fafd7243-e5c1-4a3a-9e40-495efcb1d3c3", "Project Online Desktop Client", "PROJECT_CLIENT_SUBSCRIPTION", false},
			{"fe71d6c3-a2ea-4499-9778-da042bf08063", "Project Online Service", "SHAREPOINT_PROJECT", false},
		},
	}
	dynamicsSales = &product{
		id: "1e1a282c-9c54-43a2-9310-98ef728faace", name: "Dynamics 365 Sales Enterprise Edition for Unified Operations and Customer Insights", partNumber: "DYN365_ENTERPRISE_SALES",
		plans: []plan{{"2da8e897-7791-486b-b08f-cc63c8129df7", "Dynamics 365 for Sales", "DYN365_ENTERPRISE_SALES", false}},
	}
	databaseCapacity = &product{
		id: "e612d426-6bc3-4181-9658-91aa906b0ac0", name: "Common Data Service Database Capacity", partNumber: "CDS_DB_CAPACITY", tenantWide: true,
		plans: []plan{{"360bcc37-0c11-4264-8eed-9fa7a3297c9b", "Common Data Service for Apps Database Capacity", "CDS_DB_CAPACITY", true}},
	}
	minecraftFaculty = &product{
		id: "984df360-9a74-4647-8cf8-696749f6247a", name: "Minecraft Education Faculty", partNumber: "MEE_FACULTY", group2: true,
		plans: []plan{},
	}
	minecraftStudent = &product{
		id: "533b8f26-f74b-4e9c-9c59-50fc4b393b63", name: "Minecraft Education Student", partNumber: "MEE_STUDENT", group2: true,
		plans: []plan{},
	}
)

// seats is how many units of a product a customer owns, measured by how many
// of its users have it.
type seats uint8

const (
	roomy        seats = iota // a tenth to spare
	full                      // as many as are assigned
	oneOver                   // one fewer than are assigned
	partlyGrace               // some to spare, five of them in grace
	allGrace                  // expired, in grace
	allSuspended              // not usable any more
	tenantSeats               // four, for the tenant
	fiveSeats                 // five, as in the documented answer
)

// offer is a product at a customer: who has it, and how many seats there are.
type offer struct {
	*product
	permille int // of the users who may have licenses; 0 for tenant-wide ones
	addOn    bool
	seats    seats
}

// documentedKit is what the documented customer has; who has which of it is
// said with its users.
var documentedKit = []offer{
	{ems, 0, true, fiveSeats},
	{powerBIPro, 0, true, full},
}

// kits are what customers have subscribed to. Of the offers that are no
// add-ons a user has one at most.
var kits = map[string][]offer{
	"none": {},
	"small": {
		{businessPremium, 700, false, roomy},
		{exchangePlan1, 120, false, full},
		{powerBIPro, 60, true, roomy},
	},
	"tight": {
		{businessPremium, 800, false, full},
		{teamsPhone, 400, true, full},
	},
	"contoso": {
		{m365E3, 430, false, roomy},
		{m365E5, 150, false, roomy},
		{businessPremium, 235, false, roomy},
		{m365F3, 70, false, roomy},
		{exchangePlan1, 50, false, oneOver},
		{copilot, 55, true, roomy},
		{teamsPhone, 100, true, full},
		{visio, 57, true, roomy},
		{project, 22, true, roomy},
		{powerBIPro, 140, true, partlyGrace},
		{dynamicsSales, 30, true, allGrace},
		{ems, 8, true, allSuspended},
		{databaseCapacity, 0, true, tenantSeats},
	},
	"enterprise": {
		{m365E3, 520, false, roomy},
		{m365E5, 210, false, roomy},
		{m365F3, 150, false, full},
		{copilot, 80, true, roomy},
		{teamsPhone, 180, true, full},
		{visio, 35, true, oneOver},
		{project, 20, true, roomy},
		{powerBIPro, 110, true, partlyGrace},
		{databaseCapacity, 0, true, tenantSeats},
	},
	"school": {
		{m365E3, 300, false, roomy},
		{m365F3, 500, false, roomy},
		{minecraftFaculty, 120, true, roomy},
		{minecraftStudent, 450, true, full},
	},
	"lapsed": {
		{businessPremium, 600, false, allSuspended},
		{exchangePlan1, 300, false, allGrace},
	},
}

func (p *product) group() string {
	if p.group2 {
		return "group2"
	}
	return "group1"
}

func targetType(tenantWide bool) string {
	if tenantWide {
		return "Tenant"
	}
	return "User"
}

// units are the seats of a product of which so many are assigned.
type units struct{ active, warning, suspended int }

func (s seats) units(consumed int) units {
	switch s {
	case full:
		return units{active: consumed}
	case oneOver:
		return units{active: max(consumed-1, 0)}
	case partlyGrace:
		return units{active: consumed + consumed/5, warning: 5}
	case allGrace:
		return units{warning: consumed + 2}
	case allSuspended:
		return units{suspended: consumed + 1}
	case tenantSeats:
		return units{active: 4}
	case fiveSeats:
		return units{active: 5}
	default:
		return units{active: consumed + consumed/10 + 1}
	}
}

func (u units) capability() string {
	switch {
	case u.active > 0:
		return "Enabled"
	case u.warning > 0:
		return "Warning"
	case u.suspended > 0:
		return "Suspended"
	}
	return "Enabled"
}
