package mastercard

import (
	"context"
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// What a card can do wrong that has no code elsewhere.
var (
	errLongDOL = &kernel.Error{Code: "c2.dol_long", Text: "a DOL asks for more than a command can hold"}
	errFormat1 = &kernel.Error{Code: "c2.format_1", Text: "a format 1 answer of the wrong length, or of objects that are there already"}
	errLength  = &kernel.Error{Code: "c2.length", Text: "a data object of a length that it can't have"}
	errPlace   = &kernel.Error{Code: "c2.template", Text: "a data object in a template that it can't stand in"}
	errPrivate = &kernel.Error{Code: "c2.private", Text: "a private data object that is not the card's to send"}
)

// send exchanges one command, and takes the DET signals that have come meanwhile. A card that does not answer leads to
// "present card again".
func (t *transaction) send(
	ctx context.Context, stage, ref string, command []byte,
) (apdu.Response, kernel.Outcome, error) {
	r, out, err := t.sendAlone(ctx, stage, ref, command)
	if err == nil && !out.Made() {
		err = t.takeSignals(ctx)
	}
	return r, out, err
}

// sendAlone is send in the states that do not look at signals (C-2, S10, S13 and S14).
func (t *transaction) sendAlone(
	ctx context.Context, stage, ref string, command []byte,
) (apdu.Response, kernel.Outcome, error) {
	r, err := t.Card.Send(ctx, command)
	if err == nil {
		return r, kernel.Outcome{}, nil
	}
	if !kernel.IsCardError(err) {
		return r, kernel.Outcome{}, err
	}
	return r, t.tryAgain(stage, err, ref), nil
}

// receive stores the objects of an answer (C-2, S3, S4 and S9). Unlike other kernels this one takes nothing that it has already:
// an object that came before, the FCI included, is an error. So are a length that an object can't have, a template that it
// can't stand in, and a private object that is not the card's. What other parties own under another class of tag is passed
// over. in is the template that the message was taken out of, 0 for none.
func (t *transaction) receive(message []byte, in tlv.Tag) (kernel.Received, error) {
	if err := t.admit(tlv.Read(message), in); err != nil {
		return kernel.Received{}, err
	}
	r, err := t.Data.Receive(dict.Card, message)
	t.Env.EmitReceived(r)
	if err == nil && r.Repeated != 0 {
		err = kernel.ErrRepeated
	}
	return r, err
}

func (t *transaction) admit(c tlv.Cursor, in tlv.Tag) error {
	for c.Next() {
		tag := c.Tag()
		if tag.Constructed() {
			if err := t.admit(c.Enter(), tag); err != nil {
				return err
			}
			continue
		}
		id, ok := dict.IDOf(tag)
		if !ok {
			continue
		}
		switch e := dict.At(id, dict.C2); {
		case e == nil:
		case e.Update&dict.Card == 0:
			if tag.Class() == tlv.Private {
				return errPrivate
			}
		case c.Len() > 0 && !e.ValidLength(c.Len()):
			return errLength
		case in != 0 && e.Templates != nil && !slices.Contains(e.Templates, in):
			return errPlace
		case t.Data.From(tag) == dict.Card && t.Data.Has(tag):
			return kernel.ErrRepeated
		}
	}
	return c.Err()
}

// buildDOL keeps the data that a DOL asks for under a tag of their own, and returns them. more is how many bytes a command
// can hold of them.
func (t *transaction) buildDOL(tag tlv.Tag, list []byte, more int) ([]byte, error) {
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], list, t.Data)
	switch {
	case err != nil:
		return nil, err
	case len(data) > more:
		return nil, errLongDOL
	}
	if err := t.Data.Set(tag, data); err != nil {
		return nil, err
	}
	return t.Data.Get(tag), nil
}
