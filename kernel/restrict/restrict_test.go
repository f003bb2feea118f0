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
