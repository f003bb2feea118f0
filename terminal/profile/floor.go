package profile

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// SetFloor gives all combinations of a configuration one Reader Contactless Floor Limit, in minor units: 0 sends every
// amount online (Book A, table 5-2). Kernel 2 has its limits among its data objects (C-2, Annex A).
func SetFloor(config *contactless.Config, floor uint64) {
	for i := range config.Combinations {
		c := &config.Combinations[i]
		if _, own := tlv.Find(c.Data, tagReaderFloor); !own {
			c.Limits.Floor = &floor
			continue
		}
		var data []byte
		for o := tlv.Read(c.Data); o.Next(); {
			v := o.Value()
			if o.Tag() == tagReaderFloor {
				var n12 [6]byte
				v = kernel.PutBCD(n12[:], floor)
			}
			data = tlv.Append(data, o.Tag(), v)
		}
		c.Data = data
	}
}
