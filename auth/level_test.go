package auth

import "testing"

func TestLevelAllows(t *testing.T) {
	levels := []Level{0, LevelReader, LevelHelpdesk, LevelLicensing, LevelHelpdesk | LevelLicensing, LevelAdmin}
	names := []string{"none", "reader", "helpdesk", "licensing", "helpdesk and licensing", "admin"}
	allows := [][]bool{ // have, need
		{false, false, false, false, false, false},
		{false, true, false, false, false, false},
		{false, true, true, false, false, false},
		{false, true, false, true, false, false},
		{false, true, true, true, true, false},
		{false, true, true, true, true, true},
	}
	for i, have := range levels {
		if have.String() != names[i] {
			t.Errorf("level %d is called %q, want %q", have, have, names[i])
		}
		for j, need := range levels {
			if have.Allows(need) != allows[i][j] {
				t.Errorf("%v allows %v: %v", have, need, have.Allows(need))
			}
		}
	}
	for _, name := range []string{"reader", "helpdesk", "licensing", "admin"} {
		if level, err := ParseLevel(name); err != nil || level.String() != name {
			t.Errorf("%q is %v, %v", name, level, err)
		}
	}
	if _, err := ParseLevel("root"); err == nil {
		t.Error("root is a level")
	}
}
