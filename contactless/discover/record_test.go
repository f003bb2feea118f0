package discover_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv"
)

// TestRecords: what the Data Record of each outcome must hold, as public code has its lists.
func TestRecords(t *testing.T) {
	const decline = "9F02 9F03 9F33 9F1A 9F35 9A 9C 95 9B"
	for _, c := range []struct {
		profile string
		kind    kernel.Kind
		has     string
		hasNot  string
	}{
		{
			"discover-credit", kernel.OnlineRequest,
			"9F02 9F03 9F26 9F06 82 5F34 9F36 9F07 5F20 9F27 84 9F10 9F09 9F33 9F1A 9F35 95 57 9A 9C 9F37 9B 5F2A 9F34 9F66 9F71",
			"9F4B 8F 90 9F46 9F38",
		},
		{"discover-offline", kernel.Approved, "9F26 9F27 9F10 9F36 95 9B", "9F4B"},
		{"discover-magstripe", kernel.OnlineRequest, "9F02 9F03 9F33 9F1A 9F35 56 57 9A 9C 95 9B", "9F26 9F10 9F7E 5A"},
		{"discover-declines", kernel.Declined, decline, "57 5A 9F26 9F10 5F20"},
	} {
		out, err := shop(t, nil, nil).Transact(context.Background(), kerneltest.NewCard(t, c.profile), small)
		if err != nil || out.Kind != c.kind {
			t.Fatalf("%s: %v because of %v, %v", c.profile, out.Kind, out.Why, err)
		}
		seen := map[string]int{}
		r := tlv.Read(out.Record)
		for r.Next() {
			seen[r.Tag().String()]++
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		for tag := range strings.FieldsSeq(c.has) {
			if seen[tag] != 1 {
				t.Errorf("%s: %s stands %d times in the record", c.profile, tag, seen[tag])
			}
		}
		for tag := range strings.FieldsSeq(c.hasNot) {
			if seen[tag] != 0 {
				t.Errorf("%s: %s is in the record", c.profile, tag)
			}
		}
	}
}

// TestNoRecord: outcomes that hand nothing on have no Data Record.
func TestNoRecord(t *testing.T) {
	for profile, kind := range map[string]kernel.Kind{
		"discover-switch": kernel.TryAnotherInterface, "discover-blocked": kernel.EndApplication,
	} {
		out, err := shop(t, nil, nil).Transact(context.Background(), kerneltest.NewCard(t, profile), small)
		if err != nil || out.Kind != kind || out.Record != nil {
			t.Errorf("%s: %v, %d bytes, %v", profile, out.Kind, len(out.Record), err)
		}
	}
}
