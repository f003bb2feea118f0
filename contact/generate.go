package contact

import (
	"context"
	"crypto/sha1"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// The Cryptogram Information Data (9F27; Book 3, table 14).
const (
	cidType           = 0xC0 // which cryptogram, as kernel.Cryptogram
	cidAdvice         = 0x08 // the terminal is to send an advice
	cidReason         = 0x07
	cidServiceRefused = 0x01 // reason: service not allowed
)

// What a card can do wrong in card action analysis.
var (
	errNoCID      = &kernel.Error{Code: "contact.missing_9F27", Text: "no Cryptogram Information Data"}
	errNoATC      = &kernel.Error{Code: "contact.missing_9F36", Text: "no Application Transaction Counter"}
	errNoAC       = &kernel.Error{Code: "contact.missing_9F26", Text: "no Application Cryptogram"}
	errCryptogram = &kernel.Error{Code: "contact.cryptogram", Text: "a cryptogram that was not to be had for this request"}
)

// generated is what an answer to GENERATE AC says.
type generated struct {
	cryptogram kernel.Cryptogram
	response   []byte // the value of template 77, in the arena; nil for format 1
	signed     bool   // with Signed Dynamic Application Data
}

// generate is one GENERATE AC (Book 3, 6.5.5), the first or the second: request goes out with the data that the CDOL asks
// for, and the answer is stored. That the card must not answer with more than it was asked for is checked (Book 3, 10.8).
func (t *transaction) generate(
	ctx context.Context, request kernel.Cryptogram, second, combined bool,
) (g generated, out kernel.Outcome, err error) {
	stage, cdol := stageGenerate, tagCDOL1
	if second {
		stage, cdol = stageComplete, tagCDOL2
	}
	t.step(stage, "Book 3, 6.5.5")
	if why := t.hashTransaction(t.data.Get(cdol)); why != nil {
		return g, t.end(stage, why, "Book 3, 9.2.1.1"), nil
	}
	var buffer [tlv.MaxDOLData]byte
	data, why := tlv.AppendDOLData(buffer[:0], t.data.Get(cdol), t.data)
	if why != nil {
		return g, t.end(stage, errDOL, "Book 3, 10.8"), nil
	}
	kept, why := t.data.Keep(data)
	if why != nil {
		return g, t.end(stage, why, "Book 3, 10.8"), nil
	}
	t.cdolData[index(second)] = kept.Bytes
	r, out, err := t.send(ctx, stage, apdu.AppendGenerateAC(t.link.Buffer(), request.P1(combined), data))
	switch {
	case err != nil || out.Made():
		return g, out, err
	case r.SW != apdu.OK: // Book 3, 6.3.5: what is not foreseen ends the transaction
		return g, t.terminate(stage, "contact.generate_ac_"+r.SW.String(), "Book 3, 6.5.5.5"), nil
	}
	if g, why = t.takeCryptogram(r.Data); why == nil && (!g.cryptogram.Answers(request) || second && g.cryptogram == kernel.ARQC) {
		why = errCryptogram
	}
	if why != nil {
		return g, t.end(stage, why, "Book 3, 6.5.5.4"), nil
	}
	return g, kernel.Outcome{}, t.performed(tvr.CardRiskManagementPerformed)
}

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

// performed sets a bit of the TSI.
func (t *transaction) performed(b kernel.Bit) error {
	var tsi [2]byte
	copy(tsi[:], t.data.Get(tagTSI))
	b.Set(tsi[:])
	return t.data.Set(tagTSI, tsi[:])
}

// flag sets a bit of the TVR and reports the rule that asked for it.
func (t *transaction) flag(stage string, b kernel.Bit, code, ref string) error {
	var results [5]byte
	copy(results[:], t.data.Get(tagTVR))
	b.Set(results[:])
	t.decide(stage, code, ref)
	return t.data.Set(tagTVR, results[:])
}

// hashTransaction makes the TC Hash Value (98) where a CDOL asks for it (Book 3, 9.2.1.1 and 10.8): over what the card's
// TDOL lists, else the default TDOL, which the TVR tells before the data are put together.
func (t *transaction) hashTransaction(cdol []byte) error {
	if !tlv.DOLHas(cdol, tagTCHash) {
		return nil
	}
	tdol := t.data.Get(tagTDOL)
	if tdol == nil {
		tdol = t.application().TDOL
		if err := t.flag(stageGenerate, tvr.DefaultTDOLUsed, "contact.default_tdol", "Book 3, 9.2.1.1"); err != nil {
			return err
		}
	}
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], tdol, t.data)
	if err != nil {
		return err
	}
	hash := sha1.Sum(data)
	return t.data.Set(tagTCHash, hash[:])
}

// answered are the objects that an answer to GENERATE AC may write. What else it holds is stored only if it is new: a card
// must not exchange its number after it was looked at.
var answered = [...]tlv.Tag{tagCryptogram, tagCID, tagATC, tagIAD, tagSDAD}

func writable(t tlv.Tag) bool {
	for _, a := range answered {
		if a == t {
			return true
		}
	}
	return false
}

// takeCryptogram reads an answer in format 1 or 2 (Book 3, 6.5.5.4).
func (t *transaction) takeCryptogram(answer []byte) (g generated, err error) {
	template, value, err := apdu.Single(answer)
	if err != nil {
		return g, err
	}
	kept, err := t.data.Keep(value)
	if err != nil {
		return g, err
	}
	t.data.Mark()
	var has struct{ cid, atc, ac bool }
	switch template {
	case 0x80: // CID, ATC, cryptogram, and up to 32 bytes of Issuer Application Data
		if err := t.data.TakeCryptogram(kept.Bytes); err != nil {
			return g, err
		}
		has.cid, has.atc, has.ac = true, true, true
	case 0x77:
		g.response = kept.Bytes
		c := tlv.Read(g.response)
		n := 0
		for c.Next() {
			if n++; n > maxObjects {
				return g, apdu.ErrTemplate
			}
			if c.Tag().Constructed() || !writable(c.Tag()) && t.data.From(c.Tag()) != 0 {
				continue
			}
			r, err := t.data.ReceiveValue(dict.Card, c.Tag(), c.Value())
			switch {
			case err != nil:
				return g, err
			case r.Repeated != 0:
				return g, kernel.ErrRepeated
			case r.Length != 0 || c.Len() == 0:
				continue
			}
			switch c.Tag() {
			case tagCID:
				has.cid = true
			case tagATC:
				has.atc = true
			case tagCryptogram:
				has.ac = true
			case tagSDAD:
				g.signed = true
			}
		}
		if err := c.Err(); err != nil {
			return g, err
		}
	default:
		return g, apdu.ErrTemplate
	}
	switch {
	case !has.cid:
		return g, errNoCID
	case !has.atc:
		return g, errNoATC
	case !has.ac && !g.signed:
		return g, errNoAC
	}
	cid := t.data.Get(tagCID)[0]
	g.cryptogram = kernel.Cryptogram(cid & cidType)
	t.after.Advice = cid&cidAdvice != 0
	return g, nil
}

// checkCombined verifies the signature that was asked for and comes with a TC or an ARQC (Book 2, 6.6.2). It writes TVR
// and TSI, and returns the first check that failed. An answer without a signature fails, in whatever format.
func (t *transaction) checkCombined(g generated, second bool) (out kernel.Outcome, why error) {
	if why = errNoSignature; g.signed && g.response != nil {
		why = t.verifyCombined(g.response, second)
	}
	t.method = oda.MethodCDA
	return t.mark(why), why
}

// application returns the terminal's application that was selected.
func (t *transaction) application() *Application {
	return &t.config.Applications[t.selected.application]
}
