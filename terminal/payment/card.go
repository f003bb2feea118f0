package payment

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// Card is what may be known of a card outside of the reader: nothing of it is secret.
type Card struct {
	Entry      Entry  `json:"entry"`
	Fallback   bool   `json:"fallback,omitempty"` // a stripe in place of a chip
	Brand      string `json:"brand,omitempty"`    // the profile's key: "visa"
	Number     string `json:"number,omitempty"`   // masked: "************1234"
	Token      string `json:"token,omitempty"`    // stands for the card number: 32 to 64 hexadecimal digits of a keyed hash
	AID        string `json:"aid,omitempty"`      // 84, or the name that was selected
	Label      string `json:"label,omitempty"`    // 9F12 or 50
	CVM        string `json:"cvm,omitempty"`      // kernel.CVM's spelling, or "offline-pin"
	Cryptogram string `json:"cryptogram,omitempty"`
	CID        string `json:"cid,omitempty"`
	ATC        string `json:"atc,omitempty"`
	TVR        string `json:"tvr,omitempty"`
	TSI        string `json:"tsi,omitempty"`
	CVMResults string `json:"cvm_results,omitempty"`
	ARC        string `json:"arc,omitempty"` // 8A
	Sequence   string `json:"sequence,omitempty"`
}

// CardOf takes from a transaction's data what a receipt shows, masked (Book 4, 11.3 and what acquirers print besides). name
// is the application that was selected. Brand and Token are for the caller to add.
func CardOf(d *kernel.Data, name kernel.AID, entry Entry) Card {
	c := Card{
		Entry: entry, Number: maskedNumber(d), AID: hexOf(d, 0x84), Label: label(d), Cryptogram: hexOf(d, 0x9F26),
		CID: hexOf(d, 0x9F27), ATC: hexOf(d, 0x9F36), TVR: hexOf(d, 0x95), TSI: hexOf(d, 0x9B),
		CVMResults: hexOf(d, 0x9F34), ARC: clean(string(d.Get(0x8A))), Sequence: hexOf(d, 0x5F34),
	}
	if c.AID == "" && name != nil {
		c.AID = name.String()
	}
	return c
}

func hexOf(d *kernel.Data, t tlv.Tag) string { return strings.ToUpper(hex.EncodeToString(d.Get(t))) }

// maxNumber is the most digits of a card number: ISO/IEC 7812-1.
const maxNumber = 19

// maskedNumber returns the card number with all but its last four digits hidden.
func maskedNumber(d *kernel.Data) string {
	pan, ok := kernel.ParsePAN(d.Get(0x5A))
	if !ok {
		t, read := kernel.ParseTrack2(d.Get(0x57))
		if !read {
			return ""
		}
		pan = t.PAN
	}
	var digits [maxNumber]byte
	defer clear(digits[:])
	return LastDigits(pan.AppendUnmasked(digits[:0]))
}

// LastDigits hides all but the last four digits of a card number; all of one that is shorter than eight.
func LastDigits[T string | []byte](number T) string {
	shown := 4
	if len(number) < 8 {
		shown = 0
	}
	return strings.Repeat("*", len(number)-shown) + string(number[len(number)-shown:])
}

// label is the application's name: the preferred one where the terminal has its letters (Book 1, 12.4), otherwise the label.
func label(d *kernel.Data) string {
	if table := d.Get(0x9F11); len(table) == 1 && table[0] == 0x01 {
		if name := clean(string(d.Get(0x9F12))); name != "" {
			return name
		}
	}
	return clean(string(d.Get(0x50)))
}

// maxShown bounds the texts of cards and hosts.
const maxShown = 40

// clean drops from a text that a card, a host or a reader gave what no screen, printer or journal should be sent: anything
// but printable ASCII, what is too long, and digits in such a number that they could be a card's.
func clean(s string) string {
	b := make([]byte, 0, maxShown)
	run := 0
	for i := 0; i < len(s) && len(b) < maxShown; i++ {
		c := s[i]
		if c < 0x20 || c > 0x7E {
			continue
		}
		b = append(b, c)
		switch {
		case c >= '0' && c <= '9':
			if run++; run >= 12 {
				for j := range run {
					b[len(b)-1-j] = '*'
				}
			}
		case c != ' ' && c != '-':
			run = 0
		default: // groups of digits are digits
			if run > 0 {
				run++
			}
		}
	}
	return strings.TrimSpace(string(b))
}

// cleaned is a card as a hostile reader or card can't abuse it.
func (c Card) cleaned() Card {
	for _, s := range []*string{&c.Brand, &c.Label, &c.CVM, &c.ARC} {
		*s = clean(*s)
	}
	for _, h := range []struct {
		s    *string
		most int // hexadecimal digits
	}{
		{&c.AID, 32},
		{&c.Cryptogram, 16},
		{&c.CID, 2},
		{&c.ATC, 4},
		{&c.TVR, 10},
		{&c.TSI, 4},
		{&c.CVMResults, 6},
		{&c.Sequence, 2},
		{&c.Token, 64},
	} {
		if !hexadecimal(*h.s, h.most) {
			*h.s = ""
		}
	}
	if len(c.Token) < minToken { // a card number is no token of itself
		c.Token = ""
	}
	if len(c.Number) > 19 || strings.Count(c.Number, "*") < len(c.Number)-4 {
		c.Number = ""
	}
	return c
}

// after is a card at the end, with what was known of it before where the end does not tell.
func (c Card) after(before Card) Card {
	if c == (Card{}) {
		return before
	}
	if c.Token == "" {
		c.Token = before.Token
	}
	if c.Brand == "" {
		c.Brand = before.Brand
	}
	return c
}

const minToken = 32

// hexadecimal reports whether s is hexadecimal digits, at most so many.
func hexadecimal(s string, most int) bool {
	return len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdefABCDEF", r)
	})
}
