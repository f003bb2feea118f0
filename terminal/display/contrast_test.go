package display_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

// contrast is the ratio of WCAG 2.2: relative luminances, the lighter over the darker.
func contrast(a, b [3]float64) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(rgb [3]float64) float64 {
	var l [3]float64
	for i, c := range rgb {
		if c /= 255; c <= 0.04045 {
			l[i] = c / 12.92
		} else {
			l[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

func parseRGB(t testing.TB, s string) (rgb [3]float64) {
	t.Helper()
	format := "rgb(%f, %f, %f)"
	if strings.HasPrefix(s, "#") {
		var n [3]int
		if _, err := fmt.Sscanf(s, "#%02x%02x%02x", &n[0], &n[1], &n[2]); err != nil {
			t.Fatalf("colour %q: %v", s, err)
		}
		return [3]float64{float64(n[0]), float64(n[1]), float64(n[2])}
	}
	if _, err := fmt.Sscanf(s, format, &rgb[0], &rgb[1], &rgb[2]); err != nil {
		t.Fatalf("colour %q: %v", s, err)
	}
	return rgb
}

// The figures of WCAG's own texts: black on white is 21, #777777 on white 4.48, #767676 on white 4.54.
func TestContrastIsMeasuredAsWCAGDoes(t *testing.T) {
	white := [3]float64{255, 255, 255}
	for colour, want := range map[string]float64{"#000000": 21, "#777777": 4.48, "#767676": 4.54, "#ffffff": 1} {
		if got := contrast(parseRGB(t, colour), white); math.Abs(got-want) > 0.005 {
			t.Errorf("%s: %.3f, want %.2f", colour, got, want)
		}
	}
}

// The page's colours are its variables, and every pair that is used as text on ground has contrast AA.
func TestColours(t *testing.T) {
	b, err := os.ReadFile("page/page.css")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(b), "}")
	colours := map[string][3]float64{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(head, -1) {
		colours[m[1]] = parseRGB(t, m[2])
	}
	if m := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(`).FindString(rest); m != "" {
		t.Errorf("%s is a colour outside the variables", m)
	}
	for _, pair := range []string{
		"ink paper", "ink card", "ink tint", "soft paper", "soft card", "soft line", "accent paper", "accent card", "accent tint",
		"on-accent accent", "on-accent-soft accent", "on-night night", "on-night-soft night",
	} {
		text, ground, _ := strings.Cut(pair, " ")
		a, ok := colours[text]
		g, ok2 := colours[ground]
		if !ok || !ok2 {
			t.Fatalf("%s: no such variable", pair)
		}
		if got := contrast(a, g); got < 4.5 {
			t.Errorf("%s: %.2f to 1", pair, got)
		}
	}
}
