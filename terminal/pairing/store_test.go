package pairing_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

// A till of another store, of another merchant, and one whose certificate has expired: each is refused with a code of its own,
// and the code has a text of its own in every language. S11, S41, S70
func TestOtherStores(t *testing.T) {
	codes := map[wire.Code]string{}
	texts := map[string]bool{}
	for name, c := range map[string]struct {
		merchant, location string
		at                 time.Time
		want               wire.Code
	}{
		"location": {"acme", "store-2", start(), wire.CodeLocation},
		"merchant": {"ajax", "store-1", start(), wire.CodeMerchant},
		"expired":  {"acme", "store-1", start().Add(-91 * 24 * time.Hour), wire.CodeCertExpired},
	} {
		r := newRig(t, true)
		i := pairing.Identity{Merchant: c.merchant, Location: c.location, Kind: pairing.Till, ID: "till-7"}
		r.till.Cert = must[tls.Certificate](t)(r.authority(r.root, c.merchant, c.location).Device(key(t), i, rand.Reader, c.at))
		s := r.run()
		l := connect(t, s.code(), r.till.Cert)
		f := flipped{want: c.want}
		f.check(t, r, l.send(l.hello(f.change(r))))
		codes[c.want] = name
		for _, language := range []string{"en", "sv", "fr"} {
			said := text.Get(string(c.want), language)
			if said == "" || said == string(c.want) || texts[said] {
				t.Errorf("%s in %s: %q", name, language, said)
			}
			texts[said] = true
		}
	}
	if len(codes) != 3 || len(texts) != 9 {
		t.Errorf("%v, %d texts", codes, len(texts))
	}
}

// The versions of S9 pair, or are refused and told which one is needed.
func TestAppVersions(t *testing.T) {
	for version, want := range map[string]bool{"8.15.9": false, "8.16.0": true, "9.0": true, "10.2": true, "8.9.99": false} {
		r := newRig(t, false)
		r.till.Version = must[wire.Version](t)(wire.ParseVersion(version))
		s := r.run()
		_, err := pairing.Join(context.Background(), &r.till, s.code())
		if want != (err == nil) {
			t.Errorf("%s: %v", version, err)
		}
		if !want {
			wantCode(t, err, wire.CodeAppTooOld)
		}
	}
}

// Every platform is taken unless the configuration names those that are. S10
func TestPlatforms(t *testing.T) {
	for _, c := range []struct {
		allowed  []string
		platform string
		want     bool
	}{
		{nil, "ios", true},
		{nil, "android", true},
		{nil, "linux", true},
		{nil, "web", true},
		{[]string{"ios"}, "ios", true},
		{[]string{"ios"}, "android", false},
		{[]string{"ios"}, "IOS", false},
		{[]string{"ios", "web"}, "web", true},
		{[]string{}, "ios", false},
	} {
		r := newRig(t, false)
		r.config.Policy.Platforms = c.allowed
		s := r.run()
		l := connect(t, s.code(), r.till.Cert)
		a := l.send(l.hello(func(h *wire.PairHello) { h.Platform = c.platform }))
		if c.want != (a.OK != nil) || !c.want && a.Error.Code != wire.CodePlatform {
			t.Errorf("%v, %s: %v", c.allowed, c.platform, a.Error)
		}
	}
}
