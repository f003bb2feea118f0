package restrict_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/restrict"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// TestAllocations: the stage allocates nothing. Its rules are in testvectors/stage-restrictions.json.
func TestAllocations(t *testing.T) {
	d, env := kernel.NewData(), &kernel.Env{}
	d.Reset(dict.Common)
	var objects []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x9F08, []byte{0, 1}}, {0x9F07, []byte{0, 0}}, {0x5F28, []byte{8, 0x40}}, {0x5F24, []byte{0x24, 1, 1}}, {0x9A, []byte{0x25, 1, 1}},
	} {
		objects = tlv.Append(objects, o.tag, o.value)
	}
	if err := d.Load(objects); err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(100, func() {
		if err := restrict.Perform(env, d); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 || d.Get(0x95)[1] != 0xD0 {
		t.Errorf("%v allocations, TVR %X", n, d.Get(0x95))
	}
}

// TestUsageAllowed asks for goods in the issuer's country and abroad (Book 3, 10.4.2). The TVR stays as it was.
func TestUsageAllowed(t *testing.T) {
	for _, c := range []struct {
		auc, issuer []byte
		want        bool
	}{
		{[]byte{0x21, 0}, []byte{8, 0x40}, true},  // domestic goods, at home
		{[]byte{0x21, 0}, []byte{1, 0x56}, false}, // and abroad
		{[]byte{0x20, 0}, []byte{8, 0x40}, false}, // at cash machines only
		{nil, []byte{8, 0x40}, true},
	} {
		d := kernel.NewData()
		d.Reset(dict.Common)
		objects := tlv.Append(tlv.Append(nil, 0x9F1A, []byte{8, 0x40}), 0x95, []byte{0, 0x10, 0, 0, 0})
		objects = tlv.Append(tlv.Append(objects, 0x9F07, c.auc), 0x5F28, c.issuer)
		if err := d.Load(objects); err != nil {
			t.Fatal(err)
		}
		if got := restrict.UsageAllowed(&kernel.Env{}, d); got != c.want || d.Get(0x95)[1] != 0x10 {
			t.Errorf("%X of %X: %v, TVR %X", c.auc, c.issuer, got, d.Get(0x95))
		}
	}
}
