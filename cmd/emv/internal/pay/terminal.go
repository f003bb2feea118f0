package pay

import (
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/tlv"
)

// The shop of the demonstration.
const (
	merchantName = "CARDWRIGHT DEMO SHOP"
	merchantID   = "CARDWRIGHT00001" // 15 characters
	terminalID   = "DEMO0001"
)

// parts are the terminal's readers, those that the customer may use.
type parts struct {
	tap    *contactless.Terminal
	insert *contact.Terminal
}

// open makes the readers. What is wrong with their configuration is told before the card is asked for.
func (s *sale) open() error {
	var err error
	if slices.Contains(s.use, profile.Tap) {
		kernels := profile.Kernels()
		config := s.order.Profile.Contactless(kernels...)
		config.Terminal = append(config.Terminal, merchant()...)
		if f := s.order.FloorLimit; f != nil {
			profile.SetFloor(&config, *f)
		}
		env, log := s.record(profile.Tap, "contactless.transaction")
		if log != nil {
			log.Contactless(&config, new(s.transaction()))
		}
		if s.parts.tap, err = contactless.New(config, env, kernels...); err != nil {
			return err
		}
	}
	if slices.Contains(s.use, profile.Insert) {
		config := s.order.Profile.Contact()
		config.Terminal = append(config.Terminal, merchant()...)
		if f := s.order.FloorLimit; f != nil {
			for i := range config.Applications {
				a := &config.Applications[i]
				a.Data = replace(a.Data, 0x9F1B, []byte{byte(*f >> 24), byte(*f >> 16), byte(*f >> 8), byte(*f)})
			}
		}
		parties := contact.Parties{Host: s, Chooser: s}
		if p := s.order.Profile.CVM; p.OnlinePIN || p.OfflinePIN {
			parties.PINPad = &pinPad{sale: s, left: s.order.PINs}
		}
		env, log := s.record(profile.Insert, "contact.transaction")
		if log != nil {
			log.Contact(&config, new(s.transaction()), parties.PINPad != nil)
		}
		env.UI = slotDisplay{s.env.UI}
		if s.parts.insert, err = contact.New(config, env, parties); err != nil {
			return err
		}
	}
	return nil
}

// replace returns data objects with another value of one.
func replace(objects []byte, t tlv.Tag, value []byte) []byte {
	var out []byte
	for c := tlv.Read(objects); c.Next(); {
		if c.Tag() != t {
			out = tlv.Append(out, c.Tag(), c.Value())
		}
	}
	return tlv.Append(out, t, value)
}

// merchant returns the data objects that no country's profile has.
func merchant() []byte {
	var data []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x9F01, unhex("000000000001")}, // Acquirer Identifier
		{0x9F15, unhex("5999")},         // Merchant Category Code: miscellaneous retail
		{0x9F16, []byte(merchantID)},    // Merchant Identifier
		{0x9F1C, []byte(terminalID)},    // Terminal Identification
		{0x9F1E, []byte("00000001")},    // IFD Serial Number
		{0x9F4E, []byte(merchantName)},  // Merchant Name and Location
	} {
		data = tlv.Append(data, o.tag, o.value)
	}
	return data
}

// unhex converts a constant of this package.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func quote(s string) string { return strconv.Quote(s) }
