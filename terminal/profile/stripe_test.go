package profile_test

import (
	"testing"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

// TestStripes is what stands against a stripe, and how its cardholder is verified (ISO/IEC 7813, third digit of the service
// code).
func TestStripes(t *testing.T) {
	now := time.Date(2026, time.November, 30, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		country, track string
		of             kernel.TransactionType
		code           string // "" for none
		cvm            kernel.CVM
		verified       bool
	}{
		{"US", ";4111111111111111=2611101?", kernel.Purchase, "", kernel.ObtainSignature, true},
		{"US", ";4111111111111111=2611120?", kernel.Purchase, "", kernel.OnlinePIN, true},
		{"US", ";4111111111111111=2611126?", kernel.Purchase, "", kernel.OnlinePIN, true},
		{"GB", ";4111111111111111=2611126?", kernel.Purchase, "", kernel.ObtainSignature, true},
		{"GB", ";4111111111111111=2611120?", kernel.Purchase, "", kernel.NotApplicable, false},
		{"US", ";4111111111111111=2610101?", kernel.Purchase, profile.CodeSwipeExpired, kernel.ObtainSignature, true},
		{"US", ";4111111111111112=2611101?", kernel.Purchase, profile.CodeSwipeNumber, kernel.ObtainSignature, true},
		{"US", ";4111111111111111=2611104?", kernel.Purchase, profile.CodeSwipeService, kernel.ObtainSignature, true},
		{"US", ";4111111111111111=2611102?", kernel.Cash, profile.CodeSwipeService, kernel.ObtainSignature, true},
		{"US", ";9999999999999995=2611101?", kernel.Purchase, profile.CodeUnnamed, kernel.ObtainSignature, true},
	} {
		p, err := profile.Builtin(c.country)
		if err != nil {
			t.Fatal(err)
		}
		s, err := magstripe.Parse("", c.track, "")
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if why := p.WhyNotSwipe(&s, c.of, now); why != nil {
			got = kernel.CodeOf(why)
		}
		if got != c.code {
			t.Errorf("%s %s: %q", c.country, s.ServiceCode(), got)
		}
		if cvm, ok := p.SwipeCVM(s.ServiceCode()); cvm != c.cvm || ok != c.verified {
			t.Errorf("%s %s: %v, %t", c.country, s.ServiceCode(), cvm, ok)
		}
	}
}

// TestSetFloor reaches the entry point's limits and those that Kernel 2 has among its data objects (C-2, Annex A).
func TestSetFloor(t *testing.T) {
	p, err := profile.Builtin("US")
	if err != nil {
		t.Fatal(err)
	}
	config := p.Contactless(profile.Kernels()...)
	profile.SetFloor(&config, 1234)
	own := 0
	for _, c := range config.Combinations {
		if v, ok := tlv.Find(c.Data, 0xDF8123); ok {
			own++
			if n, _ := kernel.BCD(v); n != 1234 || len(v) != 6 || c.Limits.Floor != nil {
				t.Errorf("%v: %X", c.AID, v)
			}
		} else if c.Limits.Floor == nil || *c.Limits.Floor != 1234 {
			t.Errorf("%v: %v", c.AID, c.Limits.Floor)
		}
	}
	if own == 0 {
		t.Error("no combination with a limit of its own")
	}
}
