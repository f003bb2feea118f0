package kernel_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
)

func TestPAN(t *testing.T) {
	for in, want := range map[string]string{
		"4761739001010119": "4761739001010119", "4761739001010119123F": "4761739001010119123", "123F": "123",
		"4761739001010119FFFF": "4761739001010119",
	} {
		p, ok := kernel.ParsePAN(unhex(t, in))
		if !ok || p.Unmasked() != want {
			t.Errorf("%s: %q, %v", in, p.Unmasked(), ok)
		}
	}
	for _, in := range []string{"", "FFFF", "47617390F1010119", "4761A39001010119", "47617390010101191234"} {
		if p, ok := kernel.ParsePAN(unhex(t, in)); ok {
			t.Errorf("%s was read as %s", in, p.Unmasked())
		}
	}
	a, _ := kernel.ParsePAN(unhex(t, "4761739001010119"))
	b, _ := kernel.ParsePAN(unhex(t, "4761739001010119FFFF"))
	if a != b {
		t.Error("padding makes a difference")
	}
	if got := fmt.Sprintf("%X", b.AppendCN(nil)); got != "4761739001010119" {
		t.Errorf("cn %s", got)
	}
}

func TestTrack2(t *testing.T) {
	v := unhex(t, "4761739001010119D2212201114387890F")
	track, ok := kernel.ParseTrack2(v)
	if !ok || track.PAN.Unmasked() != "4761739001010119" || track.Expiry != [2]byte{0x22, 0x12} || track.ServiceCode != [2]byte{2, 0x01} {
		t.Errorf("%s %X %X %v", track.PAN.Unmasked(), track.Expiry, track.ServiceCode, ok)
	}
	for _, in := range []string{"", "D2212201", "4761739001010119", "4761739001010119D221220F", "4761739001010119D22C2201", "47617390010101191234D2212201"} {
		if _, ok := kernel.ParseTrack2(unhex(t, in)); ok {
			t.Errorf("%s was read", in)
		}
	}
}

// TestConfidentialTypesMaskThemselves prints them in every way that a program might.
func TestConfidentialTypesMaskThemselves(t *testing.T) {
	track, _ := kernel.ParseTrack2(unhex(t, "4761739001010119D22122011143878901"))
	objects := kernel.Objects(unhex(t, "57114761739001010119D22122011143878901 5A084761739001010119"))
	for _, v := range []any{track.PAN, track, objects, &track, []kernel.PAN{track.PAN}, map[string]any{"x": track.PAN}} {
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v)
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{
			fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprintf("%s", v), fmt.Sprintf("%x", v), fmt.Sprintf("%q", v),
			fmt.Sprintf("%d", v), string(data), log.String(),
		} {
			for _, secret := range []string{"4761739001", "39001010119", "1143878", "343736313733"} {
				if strings.Contains(s, secret) {
					t.Errorf("%T: %s", v, s)
				}
			}
		}
	}
	if got, want := track.PAN.String(), "476173******0119"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
