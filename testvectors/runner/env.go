package runner

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

const (
	tagFloorLimit tlv.Tag = 0x9F1B
	tagCountry    tlv.Tag = 0x9F1A
	tagUN         tlv.Tag = 0x9F37
	tagTTQ        tlv.Tag = 0x9F66
	tagCurrency   tlv.Tag = 0x5F2A
	tagExponent   tlv.Tag = 0x5F36
)

// errRandom is that of given.random when it has been used up.
var errRandom = &kernel.Error{Code: "random.exhausted", Text: "given.random has no bytes left"}

// random gives the bytes of given.random from the left.
type random struct{ left []byte }

func (r *random) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.left) == 0 {
		return 0, errRandom
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// stream gives bytes that are the same in every run of a case: where given has no `random`, the case does not care.
type stream struct {
	seed  string
	count uint64
	left  []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.left) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.seed), s.count))
			s.left, s.count = sum[:], s.count+1
		}
		p[i], s.left = s.left[0], s.left[1:]
	}
	return len(p), nil
}

// rand returns where a case's random bytes come from.
func (t *job) rand() io.Reader {
	switch {
	case t.Given.Random != nil:
		return &random{t.Given.Random}
	case t.Given.Data.Get(tagUN) != nil:
		return &random{t.Given.Data.Get(tagUN)}
	}
	return &stream{seed: t.Suite + "/" + t.ID}
}

// exceptionFile is given.exceptions.
type exceptionFile []string

// Listed reports whether a PAN is on the list.
func (f exceptionFile) Listed(pan kernel.PAN, _ int) bool {
	return slices.Contains(f, pan.Unmasked())
}

// env returns what a kernel may reach outside its arguments.
func (t *job) env(clock *replay.Clock) (kernel.Env, error) {
	g := t.Given
	e := kernel.Env{Clock: clock, Rand: t.rand(), Revoked: capk.NewRevocationList(g.Revoked...)}
	if g.Exceptions != nil {
		e.Exceptions = exceptionFile(g.Exceptions)
	}
	var set *capk.Set
	var err error
	switch g.CAPKs.Set {
	case "test":
		set, err = capk.Test()
	case "production":
		set, err = capk.Production()
	default:
		set, err = capk.NewSet(g.CAPKs.Keys...)
	}
	e.CAPKs = set
	return e, err
}

// terminalObjects returns given.terminal with what other keys say about it.
func (t *job) terminalObjects() Objects {
	objects := t.Given.Terminal
	if tx := t.Given.Transaction; tx != nil && tx.Country != nil {
		objects = objects.With(tagCountry, tx.Country)
	}
	// The Terminal Floor Limit is a number: one that is written shorter than its four bytes is the same number.
	if v := objects.Get(tagFloorLimit); len(v) > 0 && len(v) < 4 {
		objects = objects.With(tagFloorLimit, append(make([]byte, 4-len(v)), v...))
	}
	return objects
}

// transaction returns what a terminal asks for, with what the case leaves out: the terminal's currency and its exponent.
func (t *job) transaction(tx *Transaction) kernel.Transaction {
	if tx == nil {
		tx = &Transaction{}
	}
	out := kernel.Transaction{
		Amount: tx.Amount, Other: tx.Other, Type: kernel.TransactionType(tx.Type), Currency: tx.Currency,
		Exponent: tx.Exponent, Time: tx.when(), Sequence: tx.Sequence, Online: tx.MerchantOnline,
		Account: tx.AccountType,
	}
	if out.Currency != 0 {
		return out
	}
	out.Currency = noCurrency
	for _, from := range t.configured() {
		if n, ok := kernel.BCD(from.Get(tagCurrency)); ok && n > 0 && n < noCurrency {
			out.Currency = uint16(n)
			break
		}
	}
	for _, from := range t.configured() {
		v := from.Get(tagExponent)
		if n, ok := kernel.BCD(v); ok && len(v) == 1 && n <= 9 && out.Exponent == nil {
			out.Exponent = new(uint8(n))
		}
	}
	return out
}

// noCurrency is the code of ISO 4217 for transactions without one: that of a case that names none.
const noCurrency = 999

// configured returns the objects that hold for all applications, or for the first: the terminal's, then the application's.
func (t *job) configured() []Objects {
	list := []Objects{t.Given.Terminal}
	if len(t.Given.Applications) > 0 {
		list = append(list, t.Given.Applications[0].Data)
	}
	return list
}

func upper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// hexOrNil is upper for a value that may be absent.
func hexOrNil(b []byte) any {
	if b == nil {
		return nil
	}
	return upper(b)
}
