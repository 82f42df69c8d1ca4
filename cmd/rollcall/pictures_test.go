package main

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

var updatePictures = flag.Bool("update-pictures", false, "take the README's pictures in docs/images anew")

// pictures are what the README shows: pages of the demo, as they are.
var pictures = []struct {
	name, path, ready string // ready is true in the page when it can be taken
	dark              bool
}{
	{"users", "/customers/" + emulator.ContosoID + "/users", `document.querySelectorAll(".users-table tbody .licenses").length > 8 && !document.querySelector("[data-unread]")`, false},
	{"licenses", "/customers/" + emulator.ContosoID + "/licenses", `document.querySelector(".metrics") && !document.querySelector("#licenses-status[data-poll]")`, true},
}

// mostPicture keeps the README quick to load.
const mostPicture = 200_000 // bytes

// TestPictures holds the README's pictures to their size, and every one of
// them to be shown; with -update-pictures they are taken first.
func TestPictures(t *testing.T) {
	images := filepath.Join("..", "..", "docs", "images")
	if *updatePictures {
		takePictures(t, images)
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(images, "*"))
	if err != nil || len(files) != len(pictures) {
		t.Errorf("%d pictures in docs/images, want %d; %v", len(files), len(pictures), err)
	}
	for _, p := range pictures {
		body, err := os.ReadFile(filepath.Join(images, p.name+".png"))
		if err != nil {
			t.Error(err)
			continue
		}
		config, err := png.DecodeConfig(bytes.NewReader(body))
		if err != nil || config.Width != int(desktop.width) || config.Height != int(desktop.height) {
			t.Errorf("%s is %d×%d, %v", p.name, config.Width, config.Height, err)
		}
		within(t, p.name+".png", len(body), mostPicture)
		if !strings.Contains(string(readme), "](docs/images/"+p.name+".png)") {
			t.Errorf("the README doesn't show %s.png", p.name)
		}
	}
}

func takePictures(t *testing.T, images string) {
	d := theDemo(t)
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	for _, p := range pictures {
		look := desktop
		look.dark = p.dark
		b.wear(look)
		b.open(d.url + p.path)
		b.waitFor(p.ready)
		b.openRead(d.url + p.path) // nothing of it is at work any more
		b.waitFor(`document.readyState === "complete" && document.fonts.status === "loaded" && ` + p.ready)
		shot := get(b, chromedp.CaptureScreenshot())
		picture, _, err := image.Decode(bytes.NewReader(shot))
		if err != nil {
			t.Fatal(err)
		}
		var small bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColours(picture)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(images, p.name+".png"), small.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// fewColours is the picture in 256 colours at most: those that it has most of,
// but none that is nearly another, so that rare ones stay what they are.
func fewColours(picture image.Image) image.Image {
	all := picture.Bounds()
	many := map[color.RGBA]int{}
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			many[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(many), func(a, b color.RGBA) int { return many[b] - many[a] })
	few := make(color.Palette, 257)
	for apart := 0; len(few) > 256; apart += 4 {
		few = few[:0]
		for _, c := range most {
			if !slices.ContainsFunc(few, func(f color.Color) bool { return near(f.(color.RGBA), c, apart) }) {
				few = append(few, c)
			}
		}
	}
	small := image.NewPaletted(all, few)
	draw.Draw(small, all, picture, all.Min, draw.Src)
	return small
}

func near(a, b color.RGBA, apart int) bool {
	off := func(x, y uint8) int { return max(int(x), int(y)) - min(int(x), int(y)) }
	return off(a.R, b.R)+off(a.G, b.G)+off(a.B, b.B) < apart
}
