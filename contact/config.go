package contact

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Config is what an acquirer and a merchant set up. It is checked as a whole by New and not changed afterwards.
type Config struct {
	// Terminal holds TLV data objects that are the same for all applications: 9F1A, 9F33 and 9F35, without which there is
	// no transaction, 9F40, 9F15, 9F16, 9F1C, 9F1E, 9F4E and what else cards and acquirer ask for.
	Terminal []byte

	// Applications, in the order in which they are tried where the card has no directory (Book 1, 12.3.3). At least one.
	Applications []Application

	// CDAMode is when combined signatures are asked for (Book 4, table 30); 0 takes CDAMode1.
	CDAMode CDAMode

	// NoPSE leaves the Payment System Environment out: support of it is the terminal's choice (Book 1, 12.3.2).
	NoPSE bool
}

// CDAMode says with which answers of the card a combined signature is asked for, when CDA was chosen. A TC that is asked
// for without going online always has one.
type CDAMode uint8

// The modes of Book 4, table 30.
const (
	_        CDAMode = iota
	CDAMode1         // with an ARQC, and with the TC after it
	CDAMode2         // with an ARQC, and not with the TC after it
	CDAMode3         // neither
	CDAMode4         // not with an ARQC, but with the TC after it
)

// Application is an AID that the terminal accepts, with its configuration (Book 1, 12.3.1).
type Application struct {
	AID kernel.AID // 5 to 16 bytes

	// Partial is the Application Selection Indicator: names that begin with the AID are accepted, too.
	Partial bool

	// Types are the transaction types for which the application is there; none means all.
	Types []kernel.TransactionType

	// Currencies are the transaction currencies, ISO 4217 numeric, for which the application is there; none means all. A
	// terminal of several currencies has an application with its own floor limit for each.
	Currencies []uint16

	// Data holds TLV data objects for this application; they replace those of Config.Terminal. Among them are the Terminal
	// Floor Limit (9F1B), which is zero where it is absent, and the Application Version Number (9F09).
	Data []byte

	// Codes are the Terminal Action Codes (Book 3, 10.7). Those that are nil have the bits that the book recommends at
	// least; a terminal that is to have none, as the book lets it, says so with zeros.
	Codes action.Codes

	// Selection are the parameters of random selection (Book 3, 10.6.2).
	Selection risk.Selection

	// DDOL is the default DDOL (Book 3, 10.3), for a card without its own; nil takes the one of the Unpredictable Number
	// alone.
	DDOL []byte

	// TDOL is the default TDOL (Book 3, 9.2.1.1), for a card without its own; nil is a list of nothing.
	TDOL []byte
}

// serves reports whether the application is there for a transaction.
func (a *Application) serves(tx *kernel.Transaction) bool {
	return (len(a.Types) == 0 || slices.Contains(a.Types, tx.Type)) &&
		(len(a.Currencies) == 0 || slices.Contains(a.Currencies, tx.Currency))
}

// check returns everything that is wrong with the configuration.
func (c *Config) check() []kernel.Fault {
	faults := checkObjects("terminal", c.Terminal)
	if len(c.Applications) == 0 {
		faults = append(faults, kernel.Fault{
			Path: "applications", Code: "config.no_application", Text: "there must be at least one",
		})
	}
	if c.CDAMode > CDAMode4 {
		faults = append(faults, kernel.Fault{Path: "cda_mode", Code: "config.cda_mode", Text: "is none of 1 to 4"})
	}
	for i := range c.Applications {
		faults = append(faults, c.checkApplication(fmt.Sprintf("applications[%d]", i), i)...)
	}
	return faults
}

// required are the objects that the stages read (Book 4, Annex A; Book 3, 10).
var required = [...]tlv.Tag{tagCountry, tagTermCap, tagTermType}

func (c *Config) checkApplication(path string, i int) []kernel.Fault {
	a := &c.Applications[i]
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	if !a.AID.Valid() {
		fault("aid", "config.aid_length", fmt.Sprintf("%d bytes; an AID has 5 to 16", len(a.AID)))
	}
	for j := range i {
		if b := &c.Applications[j]; string(b.AID) == string(a.AID) && overlap(a.Types, b.Types) &&
			overlap(a.Currencies, b.Currencies) {
			fault("aid", "config.duplicate", fmt.Sprintf("applications[%d] has the same AID", j))
		}
	}
	faults = append(faults, checkObjects(path+".data", a.Data)...)
	faults = append(faults, a.checkStages(path)...)
	d := kernel.NewData()
	if errors.Is(errors.Join(d.Load(c.Terminal), d.Load(a.Data)), kernel.ErrDataFull) {
		fault("data", "config.too_large", "more data objects than a transaction has room for")
	}
	for _, tag := range required {
		if !d.Has(tag) {
			fault("data."+tag.String(), "config.object_missing", "is required, here or in terminal")
		}
	}
	return faults
}

// checkStages checks what single stages are configured with.
func (a *Application) checkStages(path string) []kernel.Fault {
	var faults []kernel.Fault
	fault := func(field, code, text string) {
		faults = append(faults, kernel.Fault{Path: path + "." + field, Code: code, Text: text})
	}
	for _, code := range [...]struct {
		name  string
		value []byte
	}{{"tac_denial", a.Codes.Denial}, {"tac_online", a.Codes.Online}, {"tac_default", a.Codes.Default}} {
		if code.value != nil && len(code.value) != 5 {
			fault(code.name, "config.tac_length", "an action code has 5 bytes")
		}
	}
	for _, list := range [...]struct {
		name  string
		value []byte
	}{{"ddol", a.DDOL}, {"tdol", a.TDOL}} {
		if _, err := tlv.DOLDataLen(list.value); err != nil {
			fault(list.name, "config.dol", "can't be read: "+err.Error())
		}
	}
	if a.DDOL != nil && !tlv.DOLHas(a.DDOL, tagUN) { // Book 3, 10.3
		fault("ddol", "config.ddol_un", "must ask for the Unpredictable Number (9F37)")
	}
	s := &a.Selection
	if s.Target > 99 || s.MaxTarget > 99 || s.Target > s.MaxTarget && s.MaxTarget != 0 { // Book 3, 10.6.2
		fault("target_percentage", "config.target_percentage", "must be 0 to 99, and at most the maximum target percentage")
	}
	return faults
}

// overlap reports whether two lists have an element in common; an empty list is all there are.
func overlap[T comparable](a, b []T) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(t T) bool { return slices.Contains(b, t) })
}

// checkObjects checks TLV configuration data: well formed, no object twice, lengths that the dictionary allows.
func checkObjects(path string, objects []byte) []kernel.Fault {
	var faults []kernel.Fault
	var seen []tlv.Tag
	c := tlv.Read(objects)
	for c.Next() {
		at := path + "." + c.Tag().String()
		if slices.Contains(seen, c.Tag()) {
			faults = append(faults, kernel.Fault{Path: at, Code: "config.object_twice", Text: "given twice"})
		}
		seen = append(seen, c.Tag())
		if text := lengthFault(c.Tag(), c.Len()); text != "" {
			faults = append(faults, kernel.Fault{Path: at, Code: "config.object_length", Text: text})
		}
	}
	if err := c.Err(); err != nil {
		faults = append(faults, kernel.Fault{Path: path, Code: kernel.CodeOf(err), Text: err.Error()})
	}
	return faults
}

// lengthFault says what is wrong with an object's length. A text may be shorter than its book has it, since a DOL fills it
// up (Book 3, 5.4); an object whose bits or digits are read may not.
func lengthFault(t tlv.Tag, n int) string {
	e := dict.Lookup(t, dict.Common)
	if e == nil || e.ValidLength(n) || e.Bits == nil && e.Format != tlv.Numeric && n < int(e.Min) {
		return ""
	}
	return fmt.Sprintf("%d bytes are no length of it", n)
}
