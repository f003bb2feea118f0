package discover_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/discover"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// repeat is a source of "random" bytes that are all AB.
type repeat struct{}

func (repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xAB
	}
	return len(p), nil
}

// clock stands still.
type clock struct{ now time.Time }

func (c clock) Now() time.Time                { return c.now }
func (c clock) Since(time.Time) time.Duration { return 0 }

var (
	today = time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)
	small = kernel.Transaction{Amount: 1250, Currency: 840}
)

// reader is a simulated card at a reader: activating the field powers it.
type reader struct{ *card.Card }

func (r reader) Activate(ctx context.Context) error {
	r.Reset()
	return ctx.Err()
}

func (reader) Deactivate(context.Context, time.Duration) error { return nil }

var rid = capk.RID{0xA0, 0, 0, 0x01, 0x52}

var testKeys = sync.OnceValues(capk.Test)

// shop is a terminal that supports all that Kernel 6 does; change alters its combinations.
func shop(t testing.TB, events func(kernel.Event), change ...func(*contactless.Combination)) *contactless.Terminal {
	t.Helper()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	config := contactless.Config{Terminal: unhex(t, "9F1A020840 9F3303E0B8C8 9F350122 9F09020001")}
	for _, aid := range []string{"A0000001523010", "A0000001524010", "A0000003241010"} {
		c := contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.Discover, TTQ: &contactless.TTQ{0xB6, 0x00, 0xC0, 0x00},
			Limits:  contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))},
			Options: &discover.Options{PIDLimit: true, ShowBalance: true},
		}
		for _, f := range change {
			f(&c)
		}
		config.Combinations = append(config.Combinations, c)
	}
	terminal, err := contactless.New(config, kernel.Env{
		Clock: clock{today}, Rand: repeat{}, CAPKs: keys, Events: events,
		Revoked: capk.NewRevocationList(
			capk.Revocation{RID: rid, Index: card.AuthorityLong, Serial: card.RevokedSerial()},
			capk.Revocation{RID: rid, Index: card.AuthorityShort, Serial: card.RevokedSerial()},
		),
	}, discover.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

func newCard(t testing.TB, profile string, faults ...string) reader {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return reader{c}
}

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	for _, c := range []struct {
		profile string
		amount  uint64
		kind    kernel.Kind
		cvm     kernel.CVM
		code    string
	}{
		{"discover-credit", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.arqc"},
		{"discover-credit", 20000, kernel.OnlineRequest, kernel.ObtainSignature, "c6.arqc"},
		{"discover-debit", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.arqc"},
		{"discover-debit", 20000, kernel.OnlineRequest, kernel.OnlinePIN, "c6.arqc"},
		{"discover-offline", 1250, kernel.Approved, kernel.NotApplicable, "c6.tc"},
		{"discover-offline", 9000, kernel.OnlineRequest, kernel.NotApplicable, "c6.arqc"},
		{"discover-expired", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.expired"},
		{"discover-expired-declines", 1250, kernel.Declined, kernel.NotApplicable, "c6.expired"},
		{"discover-declines", 1250, kernel.Declined, kernel.NotApplicable, "c6.aac"},
		{"discover-loyalty", 1250, kernel.Approved, kernel.NotApplicable, "c6.pid_limit"},
		{"discover-strict", 20000, kernel.OnlineRequest, kernel.OnlinePIN, "c6.arqc"},
		{"discover-phone", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.arqc"},
		{"discover-phone", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c6.arqc"},
		{"discover-phone-locked", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c6.arqc"},
		{"discover-watch", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c6.arqc"},
		{"discover-issuer-update", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.arqc"},
		{"discover-switch", 1250, kernel.TryAnotherInterface, kernel.NotApplicable, "c6.gpo_6984"},
		{"discover-blocked", 1250, kernel.EndApplication, kernel.NotApplicable, "entry.no_candidate"},
		{"discover-magstripe", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.tracks"},
		{"discover-magstripe", 20000, kernel.OnlineRequest, kernel.ObtainSignature, "c6.tracks"},
		{"discover-zip", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.tracks"},
		{"diners-credit", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.arqc"},
		{"diners-credit", 20000, kernel.OnlineRequest, kernel.OnlinePIN, "c6.arqc"},
		{"diners-magstripe", 1250, kernel.OnlineRequest, kernel.NotApplicable, "c6.tracks"},
	} {
		t.Run(fmt.Sprintf("%s %d", c.profile, c.amount), func(t *testing.T) {
			terminal := shop(t, nil)
			out, err := terminal.Transact(context.Background(), newCard(t, c.profile), kernel.Transaction{Amount: c.amount, Currency: 840})
			if err != nil || out.Kind != c.kind || out.CVM != c.cvm || out.Why.Code != c.code {
				t.Fatalf("%v, %v because of %v, %v; want %v, %v, %s", out.Kind, out.CVM, out.Why, err, c.kind, c.cvm, c.code)
			}
			if out.Kind != kernel.OnlineRequest && out.Kind != kernel.Approved || c.code == "c6.tracks" {
				return
			}
			v := verdict(t, out)
			if !v.Valid {
				t.Errorf("the issuer's verdict: %+v", v)
			}
		})
	}
}

func verdict(t testing.TB, out kernel.Outcome) issuer.Verdict {
	t.Helper()
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	decide := host.Decide
	if out.Kind == kernel.Approved {
		decide = host.VerifyClearing
	}
	v, err := decide(out.Record)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestTracks: the places of dynamic code, counter and number in both tracks, by their positions on a stripe.
func TestTracks(t *testing.T) {
	for _, c := range []struct {
		profile string
		zeros   int // in front of the issuer's data, for a short card number
	}{{"discover-magstripe", 0}, {"diners-magstripe", 2}} {
		terminal := shop(t, nil)
		if _, err := terminal.Transact(context.Background(), newCard(t, c.profile), small); err != nil {
			t.Fatal(err)
		}
		d := terminal.Data()
		track2 := strings.ToUpper(hex.EncodeToString(d.Get(0x57)))
		_, rest, _ := strings.Cut(track2, "D")
		// AB is 171, and 171 modulo 100 is 71; the first transaction has the counter 1.
		want := "4912201" + strings.Repeat("0", c.zeros) + "00000" + string(d.Get(0x9F7E)) + "001" + "71"
		if rest != want+"F" || !bytes.Equal(d.Get(0x9F37), []byte{0x71}) {
			t.Errorf("%s: track 2 ends in %s, want %s", c.profile, rest, want)
		}
		if track1 := string(d.Get(0x56)); !strings.HasSuffix(track1, "^CARDHOLDER/TEST^"+want) {
			t.Errorf("%s: track 1 %s, want %s at its end", c.profile, track1, want)
		}
		if number := track2[37-2 : 38-1]; number != "71" { // positions count from 1, which is the start sentinel's
			t.Errorf("%s: positions 37 and 38 of track 2 hold %s", c.profile, number)
		}
	}
}

// TestIssuerUpdate takes a card online and back, with a script. No command but SELECT and the script's comes before the
// card then.
func TestIssuerUpdate(t *testing.T) {
	host, err := issuer.New(issuer.Config{Scripts: unhex(t, "7214 9F180401020304 860B 8424000006 AABBCCDDEEFF")})
	if err != nil {
		t.Fatal(err)
	}
	terminal, c := shop(t, nil), newCard(t, "discover-issuer-update")
	out, err := terminal.Transact(context.Background(), c, small)
	if err != nil || out.Kind != kernel.OnlineRequest || out.Start != kernel.StartB {
		t.Fatalf("%v, %v, %v: %v", out.Kind, out.Start, out.Why, err)
	}
	v, err := host.Decide(out.Record)
	if err != nil || !v.Valid || !v.Approved {
		t.Fatalf("%+v, %v", v, err)
	}
	answer := &kernel.OnlineAnswer{ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}
	if !contactless.NeedsRestart(&out, answer) {
		t.Fatal("no restart")
	}
	out, err = terminal.Restart(context.Background(), c, answer)
	if err != nil || out.Kind != kernel.Approved || out.Why.Code != "c6.issuer_approved" {
		t.Fatalf("%v, %v: %v", out.Kind, out.Why, err)
	}
	if got := c.Scripts(); len(got) != 1 || !bytes.Equal(got[0], unhex(t, "8424000006AABBCCDDEEFF")) {
		t.Errorf("the card took %X", got)
	}
	// TVR of the first tap: no offline data authentication. TSI: risk management, issuer authentication, script.
	if want := unhex(t, "95058000000000 9B021C00"); !bytes.Equal(out.Discretionary, want) {
		t.Errorf("for the host %X, want %X", []byte(out.Discretionary), want)
	}
}

// TestEverySignedByteOfTheSimulatedCard changes each byte that a signature or a cryptogram covers, one at a time: the
// terminal or the issuer has to notice. An offline approval never survives.
func TestEverySignedByteOfTheSimulatedCard(t *testing.T) {
	for _, c := range []struct {
		profile string
		by      card.Cover
		least   int
	}{
		{"discover-offline", card.CoverOffline, 600},
		{"discover-loyalty", card.CoverOffline, 600},
		{"discover-credit", card.CoverCryptogram, 25},
		{"discover-debit", card.CoverCryptogram, 25},
		{"discover-phone-locked", card.CoverCryptogram, 25},
		{"diners-credit", card.CoverCryptogram, 25},
	} {
		t.Run(c.profile, func(t *testing.T) {
			terminal := shop(t, nil)
			intact := newCard(t, c.profile)
			if _, err := terminal.Transact(context.Background(), intact, small); err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, s := range intact.Signed() {
				for i := s.From; s.By == c.by && i < s.To; i++ {
					n++
					fault := fmt.Sprintf("flip=%v:%d:%02X", s.Tag, i, 1<<(i%8))
					out, err := terminal.Transact(context.Background(), newCard(t, c.profile, fault), small)
					if err != nil {
						t.Fatal(fault, err)
					}
					// An offline card that goes online because authentication failed has been noticed.
					if out.Kind != kernel.Approved && (c.by == card.CoverOffline || noticed(t, out)) {
						continue
					}
					t.Errorf("%s was not noticed: %v because of %v", fault, out.Kind, out.Why)
				}
			}
			if n < c.least {
				t.Errorf("only %d bytes are covered", n)
			}
		})
	}
}

// TestEveryByteOfTheRecords changes the records of the offline card byte by byte, tags and lengths included.
func TestEveryByteOfTheRecords(t *testing.T) {
	terminal := shop(t, nil)
	intact := newCard(t, "discover-offline")
	if _, err := terminal.Transact(context.Background(), intact, small); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range intact.Records() {
		for i := 0; r.Covered == card.CoverOffline && i < r.Len; i++ {
			n++
			fault := fmt.Sprintf("flip-record=%d.%d:%d:%02X", r.SFI, r.Number, i, 1<<(i%8))
			out, err := terminal.Transact(context.Background(), newCard(t, "discover-offline", fault), small)
			if err != nil {
				t.Fatal(fault, err)
			}
			if out.Kind == kernel.Approved {
				t.Errorf("%s: approved", fault)
			}
		}
	}
	if n < 400 {
		t.Errorf("only %d bytes", n)
	}
}

// noticed reports whether terminal or issuer refused the transaction.
func noticed(t *testing.T, out kernel.Outcome) bool {
	if out.Kind != kernel.OnlineRequest {
		return true
	}
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := host.Decide(out.Record)
	return err != nil || !v.Valid
}

// TestFaultsEndInOutcomes gives the offline card every fault that it knows of.
func TestFaultsEndInOutcomes(t *testing.T) {
	for _, c := range []struct {
		fault string
		kind  kernel.Kind
		code  string // how the reason's begins
	}{
		{"removed@1..", kernel.EndApplication, "entry.restarts"},
		{"removed@3", kernel.Approved, "c6.tc"},
		{"timeout@4", kernel.Approved, "c6.tc"},
		{"garbage@3", kernel.EndApplication, "entry.no_candidate"},
		{"empty@3..", kernel.EndApplication, "entry.restarts"},
		{"61xx@1..", kernel.EndApplication, "entry.no_candidate"},
		{"61xx@3..", kernel.EndApplication, "entry.no_candidate"},
		{"sw=6985@3", kernel.EndApplication, "entry.no_candidate"},
		{"sw=6984@3", kernel.TryAnotherInterface, "c6.gpo_6984"},
		{"sw=6986@3", kernel.Approved, "c6.tc"},
		{"sw=6A83@5", kernel.EndApplication, "c6.record_6A83"},
		{"repeat=9F36", kernel.EndApplication, "entry.no_candidate"},
		{"repeat=5F24", kernel.EndApplication, "answer.repeated"},
		{"drop=9F4B", kernel.EndApplication, "c6.no_signature"},
		{"drop=9F71", kernel.EndApplication, "entry.no_candidate"},
		{"drop=57", kernel.EndApplication, "c6.track2"},
		{"drop=90", kernel.OnlineRequest, "c6.cda_failed"},
		{"drop=8F", kernel.OnlineRequest, "c6.cda_failed"},
		{"add=9F02:000000000001:gpo", kernel.OnlineRequest, "c6.cda_failed"}, // the card has not signed it
		{"add=9F26:1122334455667788:gpo", kernel.EndApplication, "c6.cryptogram_in_clear"},
		{"add=95:FFFFFFFFFF:2.1", kernel.OnlineRequest, "c6.cda_failed"},
		{"ca-index=00", kernel.OnlineRequest, "c6.cda_failed"},
		{"issuer-expired", kernel.OnlineRequest, "c6.cda_failed"},
		{"issuer-revoked", kernel.OnlineRequest, "c6.cda_failed"},
		{"wrong-issuer-id", kernel.OnlineRequest, "c6.cda_failed"},
		{"icc-expired", kernel.OnlineRequest, "c6.cda_failed"},
		{"wrong-pan-in-cert", kernel.OnlineRequest, "c6.cda_failed"},
		{"wrong-icc-key", kernel.OnlineRequest, "c6.cda_failed"},
		{"sdad-replay", kernel.OnlineRequest, "c6.cda_failed"},
		{"sdad-format=95", kernel.OnlineRequest, "c6.cda_failed"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			terminal := shop(t, nil)
			out, err := terminal.Transact(context.Background(), newCard(t, "discover-offline", c.fault), small)
			if err != nil || out.Kind != c.kind || !strings.HasPrefix(out.Why.Code, c.code) {
				t.Errorf("%v because of %v, %v; want %v because of %s", out.Kind, out.Why, err, c.kind, c.code)
			}
			if got := terminal.Data().Get(0x9F02); got != nil && !bytes.Equal(got, unhex(t, "000000001250")) {
				t.Errorf("the amount became %X", got)
			}
		})
	}
}

// TestFailedAuthenticationInTheTVR: what the issuer sees of a signature that was not good.
func TestFailedAuthenticationInTheTVR(t *testing.T) {
	for fault, want := range map[string]string{
		"sdad-replay": "0400000000", // CDA failed
		"ca-index=00": "2400000000", // and data missing: there is no such key
		"drop=8F":     "2400000000",
		"drop=9F46":   "2400000000",
	} {
		terminal := shop(t, nil)
		out, err := terminal.Transact(context.Background(), newCard(t, "discover-offline", fault), small)
		if err != nil || out.Kind != kernel.OnlineRequest {
			t.Fatalf("%s: %v, %v", fault, out.Why, err)
		}
		if got := terminal.Data().Get(0x95); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%s: %X, want %s", fault, got, want)
		}
	}
}

// TestNothingShowsTheCard runs taps with every event printed, and looks for the card number in what was printed, in the
// outcome and in errors.
func TestNothingShowsTheCard(t *testing.T) {
	seen := 0
	for _, profile := range card.Profiles() {
		if !strings.HasPrefix(profile.Name, "discover") && !strings.HasPrefix(profile.Name, "diners") || profile.Contact() {
			continue
		}
		var printed strings.Builder
		terminal := shop(t, func(e kernel.Event) { fmt.Fprintf(&printed, "%s %v %+v %#v\n", e.Kind(), e, e, e) })
		out, err := terminal.Transact(context.Background(), newCard(t, profile.Name), small)
		fmt.Fprintf(&printed, "%v %+v %v %v\n", out, out, err, terminal.Data())
		track, ok := kernel.ParseTrack2(terminal.Data().Get(0x57))
		if !ok {
			continue // refused before the card said who it is
		}
		seen++
		for _, secret := range []string{
			track.PAN.Unmasked(), track.PAN.Unmasked()[6:], fmt.Sprintf("%X", track.Unmasked()), fmt.Sprintf("%d", track.Unmasked()[:7]),
			hex.EncodeToString([]byte(track.PAN.Unmasked())),
		} {
			if strings.Contains(printed.String(), secret) {
				t.Errorf("%s: shows %s", profile.Name, secret)
			}
		}
	}
	if seen < 12 {
		t.Errorf("only %d cards gave a number", seen)
	}
}

// TestDriverErrorsAreErrors: what is no card error is not taken for one, whatever command it comes at.
func TestDriverErrorsAreErrors(t *testing.T) {
	broken := errors.New("the driver's own")
	for at := 1; at <= 7; at++ {
		c := &breaking{reader: newCard(t, "discover-offline"), at: at, err: broken}
		if _, err := shop(t, nil).Transact(context.Background(), c, small); !errors.Is(err, broken) {
			t.Errorf("at command %d: %v", at, err)
		}
	}
}

// breaking is a reader that breaks at a command.
type breaking struct {
	reader
	at, n int
	err   error
}

func (b *breaking) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if b.n++; b.n == b.at {
		return dst, b.err
	}
	return b.reader.Transmit(ctx, dst, command)
}
