package reader

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// cardObjects are the data objects that have the card number in them and go to the host enciphered, in the order in which
// they are looked for.
var cardObjects = [...]tlv.Tag{
	0x5A,   // Application PAN
	0x57,   // Track 2 Equivalent Data
	0x9F6B, // Track 2 Data of C-2's mag-stripe mode
	0x56,   // Track 1 Data
}

// numberOf returns the digits of the card number, none where the card has not given it. The caller clears them.
func numberOf(d *kernel.Data) []byte {
	if pan, ok := kernel.ParsePAN(d.Get(0x5A)); ok {
		return pan.AppendUnmasked(nil)
	}
	for _, tag := range [...]tlv.Tag{0x57, 0x9F6B} {
		if t, ok := kernel.ParseTrack2(d.Get(tag)); ok {
			return t.PAN.AppendUnmasked(nil)
		}
	}
	return nil
}

// token stands for a card number outside of the reader: HMAC-SHA-256 (RFC 2104). A hash keeps the last of what it was given
// in a block of 64 bytes, until the next one: that is given to it here.
func (s *sale) token(number []byte) string {
	h := hmac.New(sha256.New, s.r.config.TokenKey)
	h.Write(number)
	sum := h.Sum(nil)
	h.Reset()
	h.Write(make([]byte, sha256.BlockSize-1))
	return hex.EncodeToString(sum)
}

// mostObjects holds all cardObjects: numbers of 10 and tracks of 19, 19 and 76 bytes, with their tags and lengths.
const mostObjects = 144

// errNumber is a card without a number that a message can carry.
var errNumber = &kernel.Error{Code: CodeNumber, Text: "the card gave no card number that can be sent"}

// cardsFault tells what a card gave that can't be enciphered from what is wrong with keys or randomness.
func cardsFault(err error) error {
	if errors.Is(err, &p2pe.Error{Code: p2pe.CodePAN}) || errors.Is(err, &p2pe.Error{Code: p2pe.CodeData}) {
		return errNumber
	}
	return err
}

// sealChip enciphers what the card's data objects have of the card number: those of the record, where it has them, since a
// kernel's mag-stripe mode writes its tracks there; otherwise those of the transaction.
func sealChip(record kernel.Objects, d *kernel.Data) func(*p2pe.Terminal) ([]*p2pe.Value, error) {
	return func(t *p2pe.Terminal) ([]*p2pe.Value, error) {
		objects := make([]byte, 0, mostObjects) // it does not grow: what it was before would be left behind
		defer func() { clear(objects) }()
		for _, tag := range cardObjects {
			v, ok := tlv.Find(record, tag)
			if !ok {
				v = d.Get(tag)
			}
			if len(v) > 0 {
				objects = tlv.Append(objects, tag, v)
			}
		}
		r, err := t.Record(objects, p2pe.BIN6)
		switch {
		case err != nil:
			return nil, err
		case len(r.Values) == 0:
			return nil, errNumber
		}
		return r.Values, nil
	}
}

// clears gives a result what it takes to clear an approval by the card alone: of the record what is public, and what is not
// enciphered, where the host has not been sent it. Without it nobody is charged.
func (s *sale) clears(ctx context.Context, taken *payment.Taken, record kernel.Objects, d *kernel.Data) {
	if !s.order.Offline {
		return
	}
	for c := tlv.Read(record); c.Next(); {
		if dict.SensitivityOf(c.Tag()) == dict.Public {
			taken.Chip = tlv.Append(taken.Chip, c.Tag(), c.Value())
		}
	}
	if s.asked {
		return
	}
	t, err := s.r.config.Keys.Transaction(ctx)
	if err != nil {
		return
	}
	defer t.Wipe()
	if values, err := sealChip(record, d)(t); err == nil {
		taken.Sealed, _ = acquirer.Seal(values)
	}
}

// sealStripe enciphers the tracks of a stripe, and the number of one that has neither track 1 nor track 2.
func sealStripe(swipe *magstripe.Swipe) func(*p2pe.Terminal) ([]*p2pe.Value, error) {
	return func(t *p2pe.Terminal) (values []*p2pe.Value, err error) {
		for i := range swipe.Tracks {
			track := &swipe.Tracks[i]
			text := track.AppendUnmasked(nil)
			defer clear(text)
			var v *p2pe.Value
			switch track.Number {
			case 1:
				v, err = t.Track1(text)
			case 2:
				v, err = t.Track2(text)
			default:
				continue
			}
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
		if values != nil {
			return values, nil
		}
		number := []byte(swipe.PAN.Unmasked())
		defer clear(number)
		v, err := t.PAN(number)
		return []*p2pe.Value{v}, err
	}
}

// ask asks the host: card data and PIN leave under the keys of one DUKPT transaction. PIN and number are forgotten then.
func (s *sale) ask(
	ctx context.Context, chip kernel.Objects, number []byte, seal func(*p2pe.Terminal) ([]*p2pe.Value, error),
) (kernel.OnlineAnswer, error) {
	defer s.pin.Wipe()
	defer clear(number)
	if err := ctx.Err(); err != nil {
		return kernel.OnlineAnswer{}, err
	}
	t, err := s.r.config.Keys.Transaction(ctx)
	if err != nil {
		return kernel.OnlineAnswer{}, err
	}
	defer t.Wipe()
	o := payment.Online{Card: s.card, Chip: chip}
	values, err := seal(t)
	if err != nil {
		return kernel.OnlineAnswer{}, cardsFault(err)
	}
	if o.Sealed, err = acquirer.Seal(values); err != nil {
		return kernel.OnlineAnswer{}, err
	}
	if s.pin.Len() > 0 {
		v, err := t.PIN(&s.pin, number)
		if err != nil {
			return kernel.OnlineAnswer{}, cardsFault(err)
		}
		if o.PIN, err = acquirer.SealPIN(v); err != nil {
			return kernel.OnlineAnswer{}, err
		}
	}
	answer, err := s.desk.Authorise(ctx, o)
	if err == nil {
		s.asked = true
	}
	return answer, err
}
