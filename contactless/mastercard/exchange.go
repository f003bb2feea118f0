package mastercard

import (
	"context"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// DataExchange is the terminal's side of data exchange (C-2, the DEK and DET signals): a shop that reads and writes data
// objects on a card while the card is in the field. The kernel calls it from Run, one method at a time. An error is ctx's,
// which is the STOP signal, or that of a terminal that can't go on; either ends the transaction.
type DataExchange interface {
	// DEK is what the kernel tells the terminal. needed is Data Needed (DF8106), the objects that the kernel waits for or
	// could use. data is Data To Send (FF8104), the objects that the terminal asked for by Tags To Read; one of length
	// zero is an object that this card does not have. Both are good until DEK returns, and may hold a card number.
	DEK(ctx context.Context, needed TagList, data kernel.Objects) error

	// DET is what the terminal tells the kernel: data objects of Annex A whose update conditions have the DET signal.
	// Others are passed over. It waits for as long as wait says, not at all where that is zero, and returns nil where
	// nothing came. The first call of a transaction stands for the data of the ACT signal.
	DET(ctx context.Context, wait time.Duration) (kernel.Objects, error)
}

// TagList is a list of tags, one after the other: Data Needed (DF8106) and Tags To Read (DF8112; C-2, Annex A).
type TagList []byte

// All calls yield for every tag, up to the first that is none.
func (l TagList) All(yield func(tlv.Tag) bool) {
	for len(l) > 0 {
		n := 1
		if l[0]&0x1F == 0x1F { // Book 3, Annex B1
			for n < len(l) && l[n]&0x80 != 0 {
				n++
			}
			n++
		}
		if n > 4 || n > len(l) || l[0] == 0 {
			return
		}
		var t tlv.Tag
		for _, b := range l[:n] {
			t = t<<8 | tlv.Tag(b)
		}
		if !yield(t) {
			return
		}
		l = l[n:]
	}
}

// What one transaction takes of a terminal: more signals, tags and objects than these are passed over.
const (
	maxSignals = 64
	maxListed  = 64
)

// exchange is the state of data exchange: the lists of C-2, Annex A that have no tag, and those that are handed over and
// emptied.
type exchange struct {
	needed  TagList   // Data Needed
	send    []byte    // Data To Send
	read    []tlv.Tag // Tags To Read Yet
	before  []byte    // Tags To Write Yet Before Gen AC: objects
	after   []byte    // Tags To Write Yet After Gen AC
	signals int       // DET signals that were taken
	asked   bool      // CDOL1 was looked at
	askedDS bool      // DSDOL was looked at
	open    bool      // the ACT signal has been processed
}

// det are the data objects whose update conditions have the DET signal (C-2, Annex A). The amounts and what else pre-processing
// has tested are not among them here, although the book has them: they are the transaction's.
var det = [...]tlv.Tag{
	tagCategory, tagOperator, 0x9F70, 0x9F71, 0x9F72, 0x9F73, 0x9F74, 0x9F75, 0x9F76, 0x9F77, 0x9F78, 0x9F79, tagMerchantData,
	tagDSInputCard, tagODSInfo, tagODSTerm, tagDSACType, tagDSInputTerm, tagODSReader, tagProceed, tagTagsToRead,
	tagWriteBefore, tagWriteAfter,
}

// updatable reports whether a DET signal may write an object of this length. Length zero says that the terminal has the
// object and will give it when it is asked (C-2, Annex A).
func updatable(tag tlv.Tag, n int) bool {
	for _, t := range det {
		if t == tag {
			e := dict.Lookup(tag, dict.C2)
			return n == 0 || e != nil && e.ValidLength(n)
		}
	}
	return false
}

// beginExchange is the part of S1 that concerns data exchange and data storage (S1.10, S1.15 to S1.20).
func (t *transaction) beginExchange(ctx context.Context) error {
	if t.options.Exchange != nil {
		if err := t.takeSignals(ctx); err != nil {
			return err
		}
		t.askFor(tagTagsToRead, tagWriteBefore, tagWriteAfter)
		t.listTags(t.Data.Get(tagTagsToRead))
		t.dx.open = true
	}
	t.dx.before = t.listWrites(t.dx.before, tagWriteBefore, tagPreStatus)
	t.dx.after = t.listWrites(t.dx.after, tagWriteAfter, tagPostStatus)
	t.beginStorage()
	t.drain()
	return nil
}

// empty reports whether the terminal has an object without having said it: present, of length zero.
func (t *transaction) empty(tag tlv.Tag) bool {
	from := t.Data.From(tag)
	return from != 0 && from != dict.Card && !t.Data.Has(tag)
}

// askFor puts those of the objects that are empty into Data Needed.
func (t *transaction) askFor(tags ...tlv.Tag) {
	if t.options.Exchange == nil {
		return
	}
	for _, tag := range tags {
		if t.empty(tag) {
			t.need(tag)
		}
	}
}

func (t *transaction) need(tag tlv.Tag) {
	for listed := range t.dx.needed.All {
		if listed == tag {
			return
		}
	}
	if t.options.Exchange != nil {
		t.dx.needed = tag.Append(t.dx.needed)
	}
}

// askForListed is askFor for what a DOL names.
func (t *transaction) askForListed(list []byte) {
	d := tlv.ReadDOL(list)
	for d.Next() {
		t.askFor(d.Tag())
	}
}

// offer puts an object into Data To Send. One that is absent goes with length zero.
func (t *transaction) offer(tag tlv.Tag) {
	if t.options.Exchange != nil {
		t.dx.send = tlv.Append(t.dx.send, tag, t.Data.Get(tag))
	}
}

// listTags adds to Tags To Read Yet.
func (t *transaction) listTags(list TagList) {
	for tag := range list.All {
		if len(t.dx.read) < maxListed {
			t.dx.read = append(t.dx.read, tag)
		}
	}
}

// drain moves what is known by now from Tags To Read Yet to Data To Send.
func (t *transaction) drain() {
	left := t.dx.read[:0]
	for _, tag := range t.dx.read {
		if t.Data.Has(tag) {
			t.offer(tag)
		} else {
			left = append(left, tag)
		}
	}
	t.dx.read = left
}

// sendDue sends the DEK signal where something is due: an object that is needed, or all that the terminal asked for.
func (t *transaction) sendDue(ctx context.Context) error {
	t.drain()
	if len(t.dx.needed) == 0 && (len(t.dx.send) == 0 || len(t.dx.read) > 0) {
		return nil
	}
	return t.sendDEK(ctx)
}

// sendRest answers what is left of Tags To Read Yet with length zero (C-2, S456.21 to S456.23, S78): the card did not
// give it.
func (t *transaction) sendRest(ctx context.Context) error {
	t.drain()
	for _, tag := range t.dx.read {
		t.offer(tag)
	}
	t.dx.read = t.dx.read[:0]
	return t.sendDEK(ctx)
}

// sendDEK sends the DEK signal and empties Data Needed and Data To Send.
func (t *transaction) sendDEK(ctx context.Context) error {
	if len(t.dx.needed) == 0 && len(t.dx.send) == 0 {
		return nil
	}
	err := t.options.Exchange.DEK(ctx, t.dx.needed, kernel.Objects(t.dx.send))
	clear(t.dx.send)
	t.dx.needed, t.dx.send = t.dx.needed[:0], t.dx.send[:0]
	return err
}

// forget wipes what was not handed over any more.
func (x *exchange) forget() { clear(x.send[:cap(x.send)]) }
