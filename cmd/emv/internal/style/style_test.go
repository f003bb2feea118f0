package style

import (
	"bytes"
	"os"
	"testing"
)

func TestColoursAreForTerminals(t *testing.T) {
	if For(&bytes.Buffer{}).On {
		t.Error("a buffer is painted")
	}
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if For(file).On {
		t.Error("a file is painted")
	}
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	t.Setenv("TERM", "xterm")
	for _, x := range []struct {
		noColour string
		want     bool
	}{{"", true}, {"1", false}} {
		t.Setenv("NO_COLOR", x.noColour)
		if got := For(device).On; got != x.want {
			t.Errorf("NO_COLOR=%q: %v", x.noColour, got)
		}
	}
}

func TestPaint(t *testing.T) {
	if got := (Style{On: true}).Good("yes"); got != "\x1b[1;32myes\x1b[0m" {
		t.Errorf("%q", got)
	}
	if got := (Style{}).Good("yes"); got != "yes" {
		t.Errorf("%q", got)
	}
	if got := (Style{On: true}).Bad(""); got != "" {
		t.Errorf("%q", got)
	}
}

func TestClean(t *testing.T) {
	for name, want := range map[string]string{
		"Kassa 2 — Åre":           "Kassa 2 — Åre",
		"حساب ١":                  "حساب ١",
		"Counter\x1b[2J\r\n1":     "Counter[2J1",
		"Counter\u009b2J\u007f":   "Counter2J",
		"Till\u202e1 \u200bready": "Till1 ready",
	} {
		if got := Clean(name); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
