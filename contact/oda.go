package contact

import (
	"context"

	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Why dynamic data authentication fails before a signature is looked at.
var (
	errDDOL        = &kernel.Error{Code: "contact.ddol", Text: "the DDOL does not ask for the Unpredictable Number, or too much"}
	errInternal    = &kernel.Error{Code: "contact.internal_authenticate", Text: "the card refused INTERNAL AUTHENTICATE"}
	errNoSignature = &kernel.Error{Code: "contact.no_signature", Text: "the answer has no signature"}
)

// defaultDDOL asks for the Unpredictable Number (Book 3, 10.3).
var defaultDDOL = []byte{0x9F, 0x37, 0x04}

// authenticate is Offline Data Authentication (Book 3, 10.3): the strongest method that card and terminal have in common.
// CDA only finds the card's key here; its signature comes with the cryptogram.
func (t *transaction) authenticate(ctx context.Context) (kernel.Outcome, error) {
	t.step(stageODA, "Book 3, 10.3")
	t.method = oda.Choose(t.data.Get(tagAIP), t.data.Get(tagTermCap))
	var why error
	switch t.method {
	case oda.NoMethod:
	case oda.MethodSDA:
		why = oda.SDA(t.odaInput(), cert.FormatSSAD).Why
	case oda.MethodDDA:
		var out kernel.Outcome
		var err error
		if why, out, err = t.dynamic(ctx); err != nil || out.Made() {
			return out, err
		}
	case oda.MethodCDA:
		if why = t.findKey(); why == nil {
			t.combined = true
			return kernel.Outcome{}, nil // TVR and TSI wait for the signature
		}
	}
	return t.mark(why), nil
}

func (t *transaction) odaInput() oda.Input {
	return oda.Input{Env: &t.env, Data: t.data, Cert: &t.cert, Static: &t.static}
}

// mark writes what a method found into TVR and TSI. A failure does not end the transaction: the action codes decide.
func (t *transaction) mark(why error) kernel.Outcome {
	if why != nil {
		t.decide(stageODA, kernel.CodeOf(why), "Book 3, 10.3")
	}
	if err := oda.Mark(t.data, t.method, why); err != nil {
		return t.end(stageODA, err, "Book 3, 10.3")
	}
	return kernel.Outcome{}
}

// keyObjects are the card's data objects without which there is no key of the card's (Book 3, 7.2).
var keyObjects = [...]tlv.Tag{0x8F, 0x90, 0x9F32, 0x9F46, 0x9F47}

// dynamic is Dynamic Data Authentication (Book 2, 6.5). A card that lacks the objects for it is not asked to sign.
func (t *transaction) dynamic(ctx context.Context) (why error, _ kernel.Outcome, err error) {
	for _, tag := range keyObjects {
		if !t.data.Has(tag) {
			return oda.CodeData, kernel.Outcome{}, nil
		}
	}
	ddol := t.data.Get(tagDDOL)
	if ddol == nil {
		if ddol = t.application().DDOL; ddol == nil {
			ddol = defaultDDOL
		}
	}
	if !tlv.DOLHas(ddol, tagUN) {
		return errDDOL, kernel.Outcome{}, nil
	}
	var buffer [tlv.MaxDOLData]byte
	data, why := tlv.AppendDOLData(buffer[:0], ddol, t.data)
	if why != nil {
		return errDDOL, kernel.Outcome{}, nil
	}
	kept, why := t.data.Keep(data)
	if why != nil {
		return nil, t.end(stageODA, why, "Book 3, 10.3"), nil
	}
	r, out, err := t.send(ctx, stageODA, appendInternalAuthenticate(t.link.Buffer(), data))
	if err != nil || out.Made() {
		return nil, out, err
	}
	// Book 3, 6.5.9.5 knows success only. A refusal is taken for a card that can't prove itself, not for the end of the
	// transaction: the TVR says so, and issuer and acquirer decide.
	if r.SW != apdu.OK {
		return errInternal, kernel.Outcome{}, nil
	}
	if why := t.takeSignature(r.Data); why != nil {
		return why, kernel.Outcome{}, nil
	}
	t.covered[0] = kept.Bytes
	return oda.DDA(t.odaInput(), cert.FormatSDAD, t.covered[:1]).Why, kernel.Outcome{}, nil
}

// takeSignature stores the Signed Dynamic Application Data of an answer to INTERNAL AUTHENTICATE in format 1 or 2 (Book 3,
// 6.5.9.4), and nothing else of it.
func (t *transaction) takeSignature(answer []byte) error {
	template, value, err := apdu.Single(answer)
	if err != nil {
		return err
	}
	switch template {
	case 0x80:
	case 0x77:
		var ok bool
		if value, ok = tlv.Find(value, tagSDAD); !ok {
			return errNoSignature
		}
	default:
		return apdu.ErrTemplate
	}
	t.data.Mark()
	_, err = t.data.ReceiveValue(dict.Card, tagSDAD, value)
	return err
}

// findKey retrieves the card's public key before a combined signature is asked for (Book 2, 6.6): without it, none is.
func (t *transaction) findKey() error {
	r := oda.CDA(t.odaInput(), nil)
	if r.ICC.Key.Modulus != nil { // all that is missing is the signature
		return nil
	}
	return r.Why
}

// verifyCombined verifies the signature of an answer to GENERATE AC (Book 2, 6.6.2), the first or the second one. response
// is the value of its template, in the arena.
func (t *transaction) verifyCombined(response []byte, second bool) error {
	pieces := append(t.covered[:0], t.pdolData, t.cdolData[0])
	if second {
		pieces = append(pieces, t.cdolData[1])
	}
	c, start := tlv.Read(response), 0
	for c.Next() {
		for response[start] == 0x00 { // padding between objects is none of them
			start++
		}
		end := c.Offset() + c.Len()
		if c.Tag() != tagSDAD {
			if len(pieces) == cap(pieces) {
				return errNoSignature
			}
			pieces = append(pieces, response[start:end])
		}
		start = end
	}
	r := oda.CDA(t.odaInput(), pieces)
	if r.Why != nil {
		return r.Why
	}
	return t.data.Set(tagCryptogram, r.CDA.Cryptogram)
}

// maxObjects bounds the data objects of one answer to GENERATE AC.
const maxObjects = 32

// notAuthenticated says that a card of which a combined signature was expected is asked for a cryptogram without one, to
// decline: offline data authentication was not performed then (Book 3, 10.3).
func (t *transaction) notAuthenticated() kernel.Outcome {
	r := tvr.Load(&t.env, t.data, stageODA, "Book 3, 10.3")
	r.Mark(tvr.ODANotPerformed, "contact.cda_not_asked", "Book 3, 10.3")
	if err := r.Store(t.data); err != nil {
		return t.end(stageODA, err, "Book 3, 10.3")
	}
	return kernel.Outcome{}
}
