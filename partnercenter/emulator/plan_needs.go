package emulator

import "slices"

// planNeeds are the service plans that work only with another: any one of
// those named. Neither Partner Center nor this table has them all; they are
// what the directory beneath knows of the products in the demo.
var planNeeds = map[string][]string{
	"MCOEV":              {"TEAMS1"},
	"M365_COPILOT_APPS":  {"OFFICESUBSCRIPTION", "OFFICE_BUSINESS"},
	"M365_COPILOT_TEAMS": {"TEAMS1"},
	"SHAREPOINT_PROJECT": {"SHAREPOINTENTERPRISE", "SHAREPOINTSTANDARD"},
}

// settlePlans finds out which plans are not on for want of another after an
// update, and what to warn of: such plans of the licenses just given, and those
// that had what they need until now. A plan comes on by itself once its need
// is met. How the directory was before any write is left as it is.
func (c *customer) settlePlans(before, after, given []held) []licenseWarning {
	had, has := c.working(before), c.working(after)
	warnings := []licenseWarning{}
	for i := range after {
		license := &after[i]
		isNew := slices.ContainsFunc(given, func(g held) bool { return g.offer == license.offer })
		old := license.waiting
		license.waiting = nil
		var names []string
		for _, p := range c.offers()[license.offer].plans {
			if slices.Contains(license.without, p.id) || met(p, has) {
				continue
			}
			if lost := met(p, had); isNew || lost {
				names = append(names, p.serviceName)
			} else if !slices.Contains(old, p.id) {
				continue
			}
			license.waiting = append(license.waiting, p.id)
		}
		if len(names) > 0 {
			warnings = append(warnings, licenseWarning{
				Code:         "ServicePlanDependency",
				Message:      "These service plans of " + c.offers()[license.offer].name + " were not switched on, because each of them needs another service plan that the user does not have.",
				ServicePlans: names,
			})
		}
	}
	return warnings
}

func met(p plan, working map[string]bool) bool {
	needs := planNeeds[p.serviceName]
	return len(needs) == 0 || slices.ContainsFunc(needs, func(name string) bool { return working[name] })
}

// working are the names of the plans that licenses switch on.
func (c *customer) working(licenses []held) map[string]bool {
	names := map[string]bool{}
	for _, license := range licenses {
		for _, p := range c.offers()[license.offer].plans {
			if !slices.Contains(license.without, p.id) {
				names[p.serviceName] = true
			}
		}
	}
	return names
}
