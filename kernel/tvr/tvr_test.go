package tvr_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// TestBits holds the names here against those of the dictionary, which was written apart from them.
func TestBits(t *testing.T) {
	for _, c := range []struct {
		tag  tlv.Tag
		bit  kernel.Bit
		name string
	}{
		{tvr.Tag, tvr.ODANotPerformed, "Offline data authentication was not performed"},
		{tvr.Tag, tvr.SDAFailed, "SDA failed"},
		{tvr.Tag, tvr.ICCDataMissing, "ICC data missing"},
		{tvr.Tag, tvr.OnExceptionFile, "exception file"},
		{tvr.Tag, tvr.DDAFailed, "DDA failed"},
		{tvr.Tag, tvr.CDAFailed, "CDA failed"},
		{tvr.Tag, tvr.SDASelected, "SDA selected"},
		{tvr.Tag, tvr.XDASelected, "XDA selected"},
		{tvr.Tag, tvr.DifferentVersions, "different application versions"},
		{tvr.Tag, tvr.Expired, "Expired application"},
		{tvr.Tag, tvr.NotYetEffective, "not yet effective"},
		{tvr.Tag, tvr.ServiceNotAllowed, "service not allowed"},
		{tvr.Tag, tvr.NewCard, "New card"},
		{tvr.Tag, tvr.CVMNotSuccessful, "verification was not successful"},
		{tvr.Tag, tvr.UnrecognisedCVM, "Unrecognised CVM"},
		{tvr.Tag, tvr.PINTryLimitExceeded, "PIN Try Limit exceeded"},
		{tvr.Tag, tvr.PINPadMissing, "PIN pad not present or not working"},
		{tvr.Tag, tvr.PINNotEntered, "PIN was not entered"},
		{tvr.Tag, tvr.OnlinePINEntered, "Online CVM captured"},
		{tvr.Tag, tvr.FloorLimitExceeded, "exceeds floor limit"},
		{tvr.Tag, tvr.LowerLimitExceeded, "Lower consecutive"},
		{tvr.Tag, tvr.UpperLimitExceeded, "Upper consecutive"},
		{tvr.Tag, tvr.SelectedRandomly, "selected randomly"},
		{tvr.Tag, tvr.MerchantForcedOnline, "Merchant forced"},
		{tvr.Tag, tvr.BiometricTypeNotSupported, "Biometric Type not supported"},
		{tvr.Tag, tvr.XDAFailed, "XDA signature"},
		{tvr.Tag, tvr.DefaultTDOLUsed, "Default TDOL used"},
		{tvr.Tag, tvr.IssuerAuthenticationFailed, "Issuer authentication failed"},
		{tvr.Tag, tvr.ScriptFailedBefore, "before final GENERATE AC"},
		{tvr.Tag, tvr.ScriptFailedAfter, "after final GENERATE AC"},
		{tvr.TagTSI, tvr.ODAPerformed, "Offline data authentication was performed"},
		{tvr.TagTSI, tvr.CVMPerformed, "Cardholder verification was performed"},
		{tvr.TagTSI, tvr.CardRiskManagementPerformed, "Card risk management"},
		{tvr.TagTSI, tvr.IssuerAuthenticationPerformed, "Issuer authentication was performed"},
		{tvr.TagTSI, tvr.TerminalRiskManagementPerformed, "Terminal risk management"},
		{tvr.TagTSI, tvr.ScriptPerformed, "Script processing was performed"},
	} {
		value := make([]byte, 5)
		if c.tag == tvr.TagTSI {
			value = value[:2]
		}
		c.bit.Set(value)
		found := false
		for line := range linesOf(dict.Lookup(c.tag, dict.Common), value) {
			found = found || strings.Contains(line, c.name)
		}
		if !found {
			t.Errorf("%X of %s is not %q", value, c.tag, c.name)
		}
	}
}

func linesOf(e *dict.Entry, value []byte) func(func(string) bool) {
	return func(yield func(string) bool) { dict.Explain(e, dict.Common, value, yield) }
}

// TestResults: what was there stays, what was found is added, and each bit is told with its rule.
func TestResults(t *testing.T) {
	var told []kernel.Event
	env := &kernel.Env{Events: func(e kernel.Event) { told = append(told, e) }}
	d := kernel.NewData()
	d.Reset(dict.Common)
	if err := d.Set(tvr.Tag, []byte{0x80, 0, 0, 0, 0}); err != nil {
		t.Fatal(err)
	}
	r := tvr.Load(env, d, "stage", "Book 3, 10.4")
	r.Mark(tvr.Expired, "code", "Book 3, 10.4.3")
	r.Performed(tvr.CVMPerformed)
	if err := r.Store(d); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(d.Get(0x95), []byte{0x80, 0x40, 0, 0, 0}) || !bytes.Equal(d.Get(0x9B), []byte{0x40, 0}) {
		t.Errorf("%X %X", d.Get(0x95), d.Get(0x9B))
	}
	want := kernel.DecisionEvent{Reason: kernel.Reason{Stage: "stage", Code: "code", Ref: "Book 3, 10.4.3"}}
	if len(told) != 2 || told[1] != kernel.Event(want) {
		t.Errorf("%v", told)
	}
}
