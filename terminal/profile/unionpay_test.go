package profile_test

import (
	"strings"
	"testing"

	"github.com/cardwright/emv/contactless/unionpay"
)

// TestUnionPay: credit does without a PIN below the limit, debit does not; TTQ byte 4 b8 is set, and the modes that the book
// no longer has are not.
func TestUnionPay(t *testing.T) {
	for country, want := range map[string]int{"AU": 3, "CA": 3, "GB": 3, "US": 4, "IE": 0} {
		config := builtin(t, country).Contactless(unionpay.Kernel)
		if len(config.Combinations) != want {
			t.Errorf("%s: %d combinations, want %d", country, len(config.Combinations), want)
		}
		for _, c := range config.Combinations {
			o, ok := c.Options.(*unionpay.Options)
			if !ok {
				t.Fatalf("%s %v: options %T", country, c.AID, c.Options)
			}
			aid := c.AID.String()
			credit := strings.HasSuffix(aid, "0102") || strings.HasSuffix(aid, "0103")
			if *o != (unionpay.Options{NoCVMBelowLimit: credit, CashbackNeedsCVM: true}) {
				t.Errorf("%s %v: %+v", country, c.AID, *o)
			}
			if c.TTQ == nil || c.TTQ[3] != 0x80 || c.TTQ[0]&0xE0 != 0x20 {
				t.Errorf("%s %v: TTQ %X", country, c.AID, c.TTQ)
			}
		}
	}
}
