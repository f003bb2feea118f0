package profile_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

// directory is a card that lists applications and lets none of them be selected: what is asked for is its candidate list.
type directory struct {
	names [][]byte // in the order of their priority
	asked []string
}

func (d *directory) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	name := command[5 : 5+int(command[4])]
	if string(name) != "2PAY.SYS.DDF01" {
		d.asked = append(d.asked, kernel.AID(name).String())
		return append(dst, 0x6A, 0x82), nil
	}
	var entries []byte
	for i, n := range d.names {
		entry := tlv.Append(nil, 0x4F, n)
		entry = tlv.Append(entry, 0x87, []byte{byte(i + 1)})
		entries = tlv.Append(entries, 0x61, entry)
	}
	fci := tlv.Append(nil, 0x84, name)
	fci = tlv.Append(fci, 0xA5, tlv.Append(nil, 0xBF0C, entries))
	return append(tlv.Append(dst, 0x6F, fci), 0x90, 0x00), nil
}

// TestPreferencesByTap: which applications a reader of a country selects of a card that has several for one account.
func TestPreferencesByTap(t *testing.T) {
	const global, common = "A0000000031010", "A0000000980840"
	for _, c := range []struct {
		country, names, want string
	}{
		{"US", global + " " + common, common},
		{"GB", global + " " + common, global}, // the common one is not in the profile
		{"US", "A0000000041010 A0000000042203", "A0000000042203"},
		{"US", "A0000000041010 " + common, "A0000000041010 " + common},
		{"US", global, global},
		{"CA", global + " A0000002771010", "A0000002771010"},
		{"US", global + " A0000002771010", global}, // Interac is not in the profile
	} {
		p := builtin(t, c.country)
		env := kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader}
		reader, err := contactless.New(p.Contactless(profile.Kernels()...), env, profile.Kernels()...)
		if err != nil {
			t.Fatal(err)
		}
		var card directory
		for _, n := range strings.Fields(c.names) {
			card.names = append(card.names, unhex(t, n))
		}
		out, err := reader.Transact(t.Context(), &card, kernel.Transaction{Amount: 1000, Currency: p.Currency.Numeric})
		if err != nil || out.Why.Code != "entry.no_candidate" {
			t.Fatalf("%v, %v", out.Why, err)
		}
		if got := strings.Join(card.asked, " "); got != c.want {
			t.Errorf("%s, %s: %s is selected, want %s", c.country, c.names, got, c.want)
		}
	}
}

// TestPreferencesAgree: the entry point and Keep leave out the same applications, for each pair and each amount of a rule
// with a threshold.
func TestPreferencesAgree(t *testing.T) {
	us := *builtin(t, "US")
	us.Routings = slices.Clone(us.Routings)
	for i := range us.Routings {
		us.Routings[i].Above = 500
	}
	env := kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader}
	reader, err := contactless.New(us.Contactless(profile.Kernels()...), env, profile.Kernels()...)
	if err != nil {
		t.Fatal(err)
	}
	var served []kernel.AID
	for _, c := range us.Contactless(profile.Kernels()...).Combinations {
		served = append(served, c.AID)
	}
	for _, a := range served {
		for _, b := range served {
			for _, amount := range []uint64{499, 500, 501} {
				if bytes.HasPrefix(a, b) || bytes.HasPrefix(b, a) {
					continue
				}
				card := directory{names: [][]byte{a, b}}
				if _, err := reader.Transact(t.Context(), &card, kernel.Transaction{Amount: amount, Currency: 840}); err != nil {
					t.Fatal(err)
				}
				for i, keep := range us.Keep(profile.Tap, amount, []kernel.AID{a, b}) {
					if name := []kernel.AID{a, b}[i].String(); slices.Contains(card.asked, name) != keep {
						t.Errorf("%s and %s at %d: %v", a, b, amount, card.asked)
					}
				}
			}
		}
	}
}

func TestPreferenceFaults(t *testing.T) {
	p := builtin(t, "US")
	config := p.Contactless(profile.Kernels()...)
	config.Preferences = []contactless.Preference{{Prefer: []kernel.AID{{1, 2, 3}}}}
	env := kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader}
	_, err := contactless.New(config, env, profile.Kernels()...)
	if err == nil || !strings.Contains(err.Error(), "preferences[0].prefer[0]: config.aid_length") ||
		!strings.Contains(err.Error(), "preferences[0].over: config.preference") {
		t.Error(err)
	}
}
