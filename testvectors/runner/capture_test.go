package runner

import (
	"reflect"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/contactless/discover"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/contactless/unionpay"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/testvectors/capture"
)

func n(v uint64) *uint64 { return &v }

// everyOption is a configuration that sets, of every kernel, each option that a capture can tell, and of two applications of
// one kernel different ones.
func everyOption() contactless.Config {
	limits := contactless.Limits{Transaction: n(9000), Floor: n(100), CVM: n(5001), StatusCheck: true, ZeroAmount: new(true)}
	codes := action.Codes{Denial: []byte{1, 0, 0, 0, 0}, Online: []byte{2, 0, 0, 0, 0}, Default: []byte{3, 0, 0, 0, 0}}
	combination := jcb.CombinationOptions{0x63, 0x00}
	aid := func(last byte, id kernel.ID, l contactless.Limits, options any) contactless.Combination {
		return contactless.Combination{
			AID: kernel.AID{0xA0, 0, 0, 0, 0x99, last}, Kernel: id, TTQ: &contactless.TTQ{0x36, 0, 0x40, 0}, Limits: l,
			Data: []byte{0x9F, 0x1A, 0x02, 0x08, 0x40}, Options: options, Types: []kernel.TransactionType{0x00},
		}
	}
	entry := limits
	entry.Transaction = nil
	return contactless.Config{
		Terminal: []byte{0x9F, 0x33, 3, 0xE0, 0x68, 0xC8, 0x9F, 0x35, 1, 0x22, 0x9F, 0x6E, 4, 0x98, 0x30, 0, 0x40},
		Preferences: []contactless.Preference{
			{Prefer: []kernel.AID{{0xA0, 0, 0, 0, 0x99}}, Over: []kernel.AID{{0xA0, 0, 0, 0, 0x98}, {0xA0, 0, 0, 0, 0x97}}, Above: 1000},
			{Prefer: []kernel.AID{{0xA0, 0, 0, 0, 0x96}}, Over: []kernel.AID{{0xA0, 0, 0, 0, 0x95}}},
		},
		Combinations: []contactless.Combination{
			aid(1, kernel.Visa, limits, &visa.Options{
				CheckCash: true, CheckATM: true, Limits: []contactless.LimitSet{{ProgramID: []byte{7}, Limits: limits}},
			}),
			aid(2, kernel.Visa, limits, &visa.Options{CheckCashback: true, ShowBalance: true}),
			aid(3, kernel.Amex, entry, &amex.Options{
				TAC: codes, UNRange: new(uint8(0)), Delayed: true, Line: &amex.Line{}, SeePhone: 1500 * time.Millisecond, StopAtFailure: true,
				Limits: &amex.LimitSets{Default: limits, Sets: [16]*contactless.Limits{3: {CVM: n(1)}, 15: {Floor: n(2)}}},
			}),
			aid(4, kernel.JCB, entry, &jcb.Options{
				Combination: &combination, Limit: n(10001), TAC: codes, Selection: risk.Selection{Threshold: 5, Target: 6, MaxTarget: 7},
				TornLifetime: 9 * time.Second, MessageHold: 800 * time.Millisecond, RemovalTimeout: 5 * time.Second, ShowBalance: true,
			}),
			aid(5, kernel.JCB, limits, &jcb.Options{Combination: &combination, Limit: n(1), LimitOnDevice: n(2), Torn: &jcb.TornLog{}}),
			aid(6, kernel.Discover, limits, &discover.Options{PIDLimit: true}),
			aid(7, kernel.Discover, limits, &discover.Options{ShowBalance: true}),
			aid(8, kernel.UnionPay, limits, &unionpay.Options{NoCVMBelowLimit: true, CashbackNeedsCVM: true}),
			aid(9, kernel.UnionPay, limits, &unionpay.Options{AcceptVersion00: true, ShowBalance: true, ReadBalance: true}),
			aid(10, kernel.Interac, entry, &interac.Options{
				Limit: n(10001), LimitOnDevice: n(25001), TAC: codes, Selection: risk.Selection{Threshold: 5, Target: 6, MaxTarget: 7},
				Retries: 3, CDAWithARQC: true, RefuseDevices: true,
				CapabilitiesCVM: []byte{0, 0x40, 0xC8}, CapabilitiesNoCVM: []byte{0, 8, 0xC8},
			}),
			aid(11, kernel.Interac, entry, &interac.Options{LimitOnDevice: n(3), LegacyFloor: true, RefuseCards: true}),
		},
	}
}

// captured is the case of a capture of a configuration.
func captured(t *testing.T, config *contactless.Config) *Case {
	t.Helper()
	r := capture.New("contactless.transaction")
	r.Contactless(config, &kernel.Transaction{Amount: 1, Currency: 840})
	r.CAPKs("test")
	r.Ended(&kernel.Outcome{Kind: kernel.Approved}, kernel.NewData())
	text, err := capture.Suite("options", true, r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse("options", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return &s.Cases[0]
}

// TestCaptureTellsEveryOption: a terminal that is made of a capture is set up as the one that it was taken at.
func TestCaptureTellsEveryOption(t *testing.T) {
	config := everyOption()
	c := captured(t, &config)
	s, err := newSession(&job{Case: c}, buildKernel, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range config.Combinations {
		if want, got := &config.Combinations[i], &s.combinations[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("combination %d: %+v of %+v\nwant %+v of %+v", i, got, got.Options, want, want.Options)
		}
	}
	if !reflect.DeepEqual(c.Given.Preferences, config.Preferences) {
		t.Errorf("%+v", c.Given.Preferences)
	}
	if c.About != "as it happened" {
		t.Error(c.About)
	}
	for _, p := range lint([]*Suite{{File: "x", Cases: []Case{*c}}}, nil) {
		if p.Code == LintFeature {
			t.Error(p)
		}
	}
}

// What the format has no key for, the case says of itself.
func TestCaptureTellsWhatItLeavesOut(t *testing.T) {
	config := contactless.Config{Restarts: 2, Combinations: []contactless.Combination{{
		AID: kernel.AID{0xA0, 0, 0, 0, 4}, Kernel: kernel.Mastercard, Options: &mastercard.Options{Backoff: &mastercard.Backoff{}},
	}}}
	const want = "as it happened, without what the format has no key for: the back-off of mag-stripe mode, the bound of restarts"
	if got := captured(t, &config).About; got != want {
		t.Error(got)
	}
}
