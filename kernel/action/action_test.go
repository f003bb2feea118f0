package action_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

func data(t testing.TB, kind byte, results [5]byte) *kernel.Data {
	t.Helper()
	d := kernel.NewData()
	d.Reset(dict.Common)
	if err := d.Load(tlv.Append(tlv.Append(nil, 0x9F35, []byte{kind}), 0x95, results[:])); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMatched: a decision names the bit that made it.
func TestMatched(t *testing.T) {
	denial := []byte{0, 0, 0x80, 0, 0}
	d := action.First(&kernel.Env{}, data(t, 0x22, [5]byte{0x40, 0, 0xC0, 0, 0}), action.Codes{Denial: denial})
	if d.Request != kernel.AAC || d.Matched != tvr.CVMNotSuccessful || d.Why.Code != "action.denial" {
		t.Errorf("%+v", d)
	}
}

// TestP1 has P1 of GENERATE AC (Book 3, 6.5.5).
func TestP1(t *testing.T) {
	for _, c := range []struct {
		ask  kernel.Cryptogram
		cda  bool
		want byte
		name string
	}{
		{kernel.AAC, false, 0x00, "AAC"},
		{kernel.AAC, true, 0x00, "AAC"},
		{kernel.TC, false, 0x40, "TC"},
		{kernel.TC, true, 0x50, "TC"},
		{kernel.ARQC, false, 0x80, "ARQC"},
		{kernel.ARQC, true, 0x90, "ARQC"},
	} {
		if got := c.ask.P1(c.cda); got != c.want || c.ask.String() != c.name {
			t.Errorf("%v with CDA %v: %02X", c.ask, c.cda, got)
		}
	}
}

// TestResponseCodes has the codes that a terminal makes itself (Book 4, Annex A6).
func TestResponseCodes(t *testing.T) {
	for c, want := range map[kernel.Cryptogram]string{kernel.TC: "Y1Y3", kernel.AAC: "Z1Z3"} {
		offline, unable := c.ResponseOffline(), c.ResponseUnable()
		if got := string(offline[:]) + string(unable[:]); got != want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

// TestOfflineNeedsCleanAuthentication goes through all TVR values of byte 1 with an issuer's codes of zero and the
// least terminal codes that the book recommends: nothing is approved offline whose authentication failed.
func TestOfflineNeedsCleanAuthentication(t *testing.T) {
	for b := range 256 {
		for _, kind := range []byte{0x21, 0x22, 0x23} {
			d := data(t, kind, [5]byte{byte(b)})
			zero := make([]byte, 5)
			objects := tlv.Append(tlv.Append(tlv.Append(nil, 0x9F0D, zero), 0x9F0E, zero), 0x9F0F, zero)
			if err := d.Load(objects); err != nil {
				t.Fatal(err)
			}
			got := action.First(&kernel.Env{}, d, action.Codes{}.OrMinimum()).Request
			if failed := b&0xCC != 0; failed && got == kernel.TC {
				t.Errorf("TVR byte 1 %02X, type %02X: %v", b, kind, got)
			}
		}
	}
}

func TestAllocations(t *testing.T) {
	d, env := data(t, 0x22, [5]byte{0x40}), &kernel.Env{}
	if n := testing.AllocsPerRun(100, func() { action.First(env, d, action.Codes{}) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
