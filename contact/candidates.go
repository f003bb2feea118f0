package contact

import (
	"bytes"
	"context"
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// The bounds of a candidate list. The books set none, which would let a card keep a terminal busy for ever.
const (
	maxCandidates  = 32
	maxOccurrences = 16 // of one partial name
	maxDirectory   = 32 // records of a payment system directory
)

// pseName is the name of the Payment System Environment (Book 1, 12.2.2).
var pseName = []byte("1PAY.SYS.DDF01")

// short is a value of at most 16 bytes in its own memory.
type short struct {
	b [16]byte
	n uint8
}

func (s *short) bytes() []byte { return s.b[:s.n] }

// set takes v. What is too long counts as absent.
func (s *short) set(v []byte) {
	if s.n = 0; len(v) <= len(s.b) {
		s.n = uint8(copy(s.b[:], v))
	}
}

// candidate is one application of the card that the terminal has too.
type candidate struct {
	application int   // its place in Config.Applications
	name        short // ADF name, which is the DF name of its FCI
	label       short // Application Label (50)
	preferred   short // Application Preferred Name (9F12)
	codeTable   byte  // Issuer Code Table Index (9F11) of its FCI; 0 is none
	indicator   byte  // Application Priority Indicator (87)
}

// The Application Priority Indicator (87; Book 1, 12.2.3).
const (
	apiConfirm  = 0x80 // not without confirmation by the cardholder
	apiPriority = 0x0F // 1 is the highest, 0 none
)

func (c *candidate) aid() kernel.AID { return c.name.bytes() }

func (c *candidate) confirm() bool { return c.indicator&apiConfirm != 0 }

// rank orders candidates: 1 first, none last (Book 1, 12.4).
func (c *candidate) rank() int {
	if p := int(c.indicator & apiPriority); p != 0 {
		return p
	}
	return 16
}

// buildCandidates makes the list of applications that card and terminal have in common (Book 1, 12.3): from the card's
// directory, and where that leads to nothing, by trying the terminal's applications one by one.
func (t *transaction) buildCandidates(ctx context.Context) (kernel.Outcome, error) {
	if !t.config.NoPSE {
		if out, err := t.readPSE(ctx); err != nil || out.Made() {
			return out, err
		}
	}
	if len(t.candidates) == 0 { // 12.3.2 step 5
		if out, err := t.tryApplications(ctx); err != nil || out.Made() {
			return out, err
		}
	}
	t.listed = true
	if t.env.Watched() {
		t.emitCandidates()
	}
	// 12.4: priority decides; among equals the card's order stays, or the terminal's where it had none to give.
	slices.SortStableFunc(t.candidates, func(a, b candidate) int { return a.rank() - b.rank() })
	return kernel.Outcome{}, nil
}

// readPSE is selection by the Payment System Environment (Book 1, 12.3.2). Whatever goes wrong on the way empties the list,
// so that the list of AIDs is used instead; only a blocked card ends the session.
func (t *transaction) readPSE(ctx context.Context) (kernel.Outcome, error) {
	t.step(stageSelect, "Book 1, 12.3.2")
	r, out, err := t.send(ctx, stageSelect, appendSelect(t.link.Buffer(), pseName, false)) // step 1
	if err != nil || out.Made() {
		return out, err
	}
	switch {
	case r.SW == apdu.FunctionNotSupported:
		return t.cardBlocked("Book 1, 12.3.2"), nil
	case r.SW != apdu.OK: // 6A82 there is none, 6283 it is blocked, and all else
		t.decide(stageSelect, "select.pse_"+r.SW.String(), "Book 1, 12.3.2")
		return kernel.Outcome{}, nil
	}
	sfi, ok := directoryFile(r.Data)
	if !ok {
		t.decide(stageSelect, "select.pse_fci", "Book 1, 12.3.2")
		return kernel.Outcome{}, nil
	}
	for record := byte(1); record <= maxDirectory; record++ { // step 2
		r, out, err := t.send(ctx, stageSelect, apdu.AppendReadRecord(t.link.Buffer(), sfi, record))
		if err != nil || out.Made() {
			return out, err
		}
		if r.SW == apdu.RecordNotFound {
			break
		}
		if r.SW != apdu.OK || !t.listDirectory(r.Data) {
			t.decide(stageSelect, "select.directory", "Book 1, 12.3.2")
			t.candidates = t.candidates[:0]
			break
		}
	}
	return kernel.Outcome{}, nil
}

// directoryFile returns the SFI of the payment system directory of a PSE's FCI, 1 to 10 (Book 1, 11.3.4 and 12.2.3).
func directoryFile(answer []byte) (byte, bool) {
	if tlv.Check(answer) != nil {
		return 0, false
	}
	fci, ok := tlv.Find(answer, tagFCI)
	if !ok {
		return 0, false
	}
	sfi, ok := tlv.Find(fci, 0xA5, tagSFI)
	if name, named := tlv.Find(fci, tagDFName); named && !bytes.Equal(name, pseName) {
		return 0, false
	}
	if !ok || len(sfi) != 1 || sfi[0] < 1 || sfi[0] > 10 {
		return 0, false
	}
	return sfi[0], true
}

// listDirectory matches the entries of one directory record (Book 1, 12.2.3 and 12.3.2 steps 3 and 4). It reports false
// for a record that is none. An entry without a usable name is passed over.
func (t *transaction) listDirectory(record []byte) bool {
	if tlv.Check(record) != nil {
		return false
	}
	template, ok := tlv.Find(record, 0x70)
	if !ok {
		return false
	}
	entries := tlv.Read(template)
	for entries.Next() {
		if entries.Tag() != 0x61 {
			continue
		}
		var c candidate
		entry := entries.Enter()
		for entry.Next() {
			c.take(entry.Tag(), entry.Value())
		}
		if t.match(&c) {
			t.add(&c)
		}
	}
	return true
}

// take keeps one object of a directory entry or an FCI.
func (c *candidate) take(tag tlv.Tag, value []byte) {
	switch tag {
	case 0x4F:
		c.name.set(value)
	case tagLabel:
		c.label.set(value)
	case tagPreferred:
		c.preferred.set(value)
	case tagPriority:
		if len(value) == 1 {
			c.indicator = value[0]
		}
	case tagCodeTable:
		if len(value) == 1 {
			c.codeTable = value[0]
		}
	}
}

// match finds the terminal's application of a name: the one with just this AID, else the first whose AID it begins with
// and that allows partial selection (Book 1, 12.3.1).
func (t *transaction) match(c *candidate) bool {
	if !c.aid().Valid() {
		return false
	}
	found := false
	for i := range t.config.Applications {
		a := &t.config.Applications[i]
		switch {
		case !a.serves(&t.tx):
		case bytes.Equal(a.AID, c.aid()):
			c.application = i
			return true
		case !found && a.Partial && bytes.HasPrefix(c.aid(), a.AID):
			c.application, found = i, true
		}
	}
	return found
}

// add puts a candidate on the list, unless its name is there already.
func (t *transaction) add(c *candidate) {
	same := func(o candidate) bool { return bytes.Equal(o.name.bytes(), c.name.bytes()) }
	if len(t.candidates) < maxCandidates && !slices.ContainsFunc(t.candidates, same) {
		t.candidates = append(t.candidates, *c)
	}
}

// tryApplications is selection by the list of AIDs (Book 1, 12.3.3).
func (t *transaction) tryApplications(ctx context.Context) (kernel.Outcome, error) {
	t.step(stageSelect, "Book 1, 12.3.3")
	for i := range t.config.Applications {
		if !t.config.Applications[i].serves(&t.tx) {
			continue
		}
		if out, err := t.tryApplication(ctx, i); err != nil || out.Made() {
			return out, err
		}
	}
	return kernel.Outcome{}, nil
}

// tryApplication selects one AID, and its further occurrences while the card answers with longer names (Book 1, 12.3.3
// steps 1 to 7).
func (t *transaction) tryApplication(ctx context.Context, i int) (kernel.Outcome, error) {
	a := &t.config.Applications[i]
	for occurrence := range maxOccurrences {
		r, out, err := t.send(ctx, stageSelect, appendSelect(t.link.Buffer(), a.AID, occurrence > 0))
		if err != nil || out.Made() {
			return out, err
		}
		switch {
		case r.SW == apdu.FunctionNotSupported && occurrence == 0: // step 2
			return t.cardBlocked("Book 1, 12.3.3"), nil
		case r.SW != apdu.OK && (occurrence == 0 && r.SW != apdu.FileInvalidated || !r.SW.Warning()): // steps 3 and 7
			return kernel.Outcome{}, nil
		}
		c, ok := readFCI(r.Data)
		if !ok || !bytes.HasPrefix(c.aid(), a.AID) {
			t.decide(stageSelect, "select.df_name", "Book 1, 12.3.3")
			return kernel.Outcome{}, nil
		}
		c.application = i
		exact := len(c.aid()) == len(a.AID)
		switch {
		case r.SW != apdu.OK: // steps 4 and 6: a blocked application is no candidate
			t.decide(stageSelect, "select.application_blocked", "Book 1, 12.3.3")
		case exact || a.Partial:
			t.add(&c)
		}
		if exact { // step 5
			return kernel.Outcome{}, nil
		}
	}
	return kernel.Outcome{}, nil
}

// readFCI takes from the FCI of an application what the candidate list keeps (Book 1, 11.3.4). It reports false for an
// answer that is no FCI with a DF name.
func readFCI(answer []byte) (c candidate, ok bool) {
	if tlv.Check(answer) != nil {
		return c, false
	}
	fci, ok := tlv.Find(answer, tagFCI)
	if !ok {
		return c, false
	}
	name, ok := tlv.Find(fci, tagDFName)
	if !ok || !kernel.AID(name).Valid() {
		return c, false
	}
	c.name.set(name)
	for _, tag := range [...]tlv.Tag{tagLabel, tagPreferred, tagPriority, tagCodeTable} {
		c.take(tag, find(fci, tag))
	}
	return c, true
}

// cardBlocked is what 6A81 to SELECT means: the card is blocked, or does not know the command (Book 1, 12.3.2 and 12.3.3).
func (t *transaction) cardBlocked(ref string) kernel.Outcome {
	return t.terminate(stageSelect, "select.card_blocked", ref)
}
