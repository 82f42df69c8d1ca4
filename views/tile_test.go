package views

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func TestTileIconIsAWholePicture(t *testing.T) {
	for _, name := range []string{"", contosoName, hostileText, "株式会社さくら精機製作所", "\xff"} {
		icon := string(TileIcon(name, contosoID))
		d := xml.NewDecoder(strings.NewReader(icon))
		for {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("TileIcon(%q): %v\n%s", name, err, icon)
			}
		}
		if !strings.Contains(icon, ">"+Initials(name)+"</text>") {
			t.Errorf("TileIcon(%q) lacks the initials: %s", name, icon)
		}
	}
	if a, b := string(TileIcon(contosoName, contosoID)), string(TileIcon(contosoName, northwindID)); a == b {
		t.Error("two customers of one name have one icon")
	}
}
