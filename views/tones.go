package views

// tones are the classes of a message's state.
var tones = map[string]string{BannerInfo: "", BannerWarn: "warn", BannerBad: "bad"}

var bannerIcons = map[string]string{BannerInfo: "info", BannerWarn: "triangle-alert", BannerBad: "circle-alert"}

// problemTones tell what somebody has to look at from what is simply so.
var problemTones = map[string]string{
	ProblemDown: BannerBad, ProblemThrottled: BannerWarn, ProblemNoRelationship: BannerWarn, ProblemRoleMissing: BannerWarn,
	ProblemLevel: BannerWarn, ProblemMFA: BannerWarn, ProblemNotFound: BannerInfo, ProblemRequest: BannerWarn, ProblemFault: BannerBad,
}

// problemIcon is the picture of a kind of problem; an unknown kind is a fault.
func problemIcon(kind string) string {
	switch kind {
	case ProblemDown:
		return "cloud-off"
	case ProblemThrottled:
		return "hourglass"
	case ProblemNoRelationship, ProblemLevel:
		return "lock"
	case ProblemRoleMissing, ProblemMFA:
		return "shield-alert"
	case ProblemNotFound:
		return "search-x"
	default:
		return "circle-alert"
	}
}
