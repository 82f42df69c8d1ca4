package partnercenter

// Cloud names the addresses of one national cloud.
type Cloud struct {
	Name      string // "global", "us-government", "china"
	APIURL    string // base of the API, without /v1: Options.BaseURL
	Authority string // where sign-in happens
	Resource  string // the API's URI: the audience of its access tokens
}

// The clouds that Partner Center runs in.
//
// Source: API facts 2 and 3.2. For China the sources disagree on the
// authority; it is therefore a setting wherever it is used.
var (
	Global = Cloud{
		Name:      "global",
		APIURL:    "https://api.partnercenter.microsoft.com",
		Authority: "https://login.microsoftonline.com",
		Resource:  "https://api.partnercenter.microsoft.com",
	}
	USGovernment = Cloud{
		Name:      "us-government",
		APIURL:    "https://api.partnercenter.microsoft.com",
		Authority: "https://login.microsoftonline.us",
		Resource:  "https://api.partnercenter.microsoft.com",
	}
	China = Cloud{
		Name:      "china",
		APIURL:    "https://partner.partnercenterapi.microsoftonline.cn",
		Authority: "https://login.chinacloudapi.cn",
		Resource:  "https://partner.partnercenterapi.microsoftonline.cn",
	}
)
