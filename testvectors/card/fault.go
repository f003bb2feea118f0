package card

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/cardwright/emv/tlv"
)

// Fault is a thing that can be wrong with a simulated card.
type Fault struct {
	Syntax string // how it is written in Config.Faults: "flip=TAG[:OFFSET[:MASK]]"
	About  string // one line
}

// Faults lists what Config.Faults may hold. In the syntax, brackets are optional parts; N counts the commands that the
// card has been sent since New, from 1, and N.. stands for that command and all after it. OFFSET is decimal, all other
// values are hexadecimal unless the line says otherwise.
func Faults() []Fault {
	list := make([]Fault, 0, len(faultKinds))
	for _, k := range faultKinds {
		list = append(list, Fault{k.syntax, k.about})
	}
	return list
}

// faultName names a kind of fault.
type faultName string

// The kinds that are asked for where they act.
const (
	faultATCStuck       faultName = "atc-stuck"
	faultAdd            faultName = "add"
	faultAnswer         faultName = "answer"
	faultCAIndex        faultName = "ca-index"
	faultDelay          faultName = "delay"
	faultDrop           faultName = "drop"
	faultEmpty          faultName = "empty"
	faultEndless        faultName = "61xx"
	faultFlip           faultName = "flip"
	faultFlipAnswer     faultName = "flip-answer"
	faultFlipRecord     faultName = "flip-record"
	faultGarbage        faultName = "garbage"
	faultICCExpired     faultName = "icc-expired"
	faultIssuerExpired  faultName = "issuer-expired"
	faultIssuerRevoked  faultName = "issuer-revoked"
	faultLongRecords    faultName = "long-records"
	faultNested         faultName = "nested"
	faultRepeat         faultName = "repeat"
	faultReplay         faultName = "sdad-replay"
	faultSDADFormat     faultName = "sdad-format"
	faultStatus         faultName = "sw"
	faultTruncate       faultName = "truncate"
	faultWrongIssuerID  faultName = "wrong-issuer-id"
	faultWrongCrypto    faultName = "wrong-cryptogram"
	faultWrongICCKey    faultName = "wrong-icc-key"
	faultWrongPANInCert faultName = "wrong-pan-in-cert"
)

// link are the faults that end in an error, by name.
var link = map[faultName]string{
	"removed": CodeRemoved, "timeout": CodeTimeout, "transmission": CodeTransmission,
	"protocol": CodeProtocol, "collision": CodeCollision,
}

// faultKind is a line of the table of faults.
type faultKind struct {
	name   faultName
	syntax string
	about  string
	timed  bool                       // has a command number
	parse  func(*fault, string) error // reads what follows '='; nil where nothing may
}

// faultKinds is the table of faults, in the order of Faults.
var faultKinds = []faultKind{
	{"removed", "removed@N[..]", "the card is gone before command N, and until it comes back into the field", true, nil},
	{"timeout", "timeout@N[..]", "the card acts on command N and does not answer", true, nil},
	{"transmission", "transmission@N[..]", "the card acts on command N, its answer is garbled on the way", true, nil},
	{"protocol", "protocol@N[..]", "the card acts on command N, its answer breaks the transmission protocol", true, nil},
	{"collision", "collision@N[..]", "a second card enters before command N", true, nil},
	{faultGarbage, "garbage@N[..]", "the answer to command N is 40 bytes of no meaning, the same ones each time", true, nil},
	{faultEmpty, "empty@N[..]", "the answer to command N has no byte, not even a status word", true, nil},
	{faultStatus, "sw=XXXX@N[..]", "the card does not act on command N and answers this status word", true, (*fault).parseStatus},
	{faultEndless, "61xx@N[..]", "the answer to command N is 61FF, as of a card with more data than it ever gives", true, nil},
	{faultAnswer, "answer=HEX@N[..]", "the card does not act on command N and answers these bytes, status word included", true, (*fault).parseValue},
	{faultDelay, "delay=MICROSECONDS@N[..]", "the answer to command N comes so much later (decimal, up to 65535000)", true, (*fault).parseDelay},
	{faultTruncate, "truncate=COUNT@N[..]", "the answer to command N lacks so many bytes (decimal) before its status word", true, (*fault).parseCount},
	{faultFlipAnswer, "flip-answer=OFFSET[:MASK]@N[..]", "a byte of the answer to command N is changed, status word included", true, (*fault).parseFlipBytes},
	{faultFlip, "flip=TAG[:OFFSET[:MASK]]", "a byte of an object's value is changed wherever it is sent, after all that is signed was (offset 0, mask 01)", false, (*fault).parseFlip},
	{faultFlipRecord, "flip-record=SFI.RECORD:OFFSET[:MASK]", "a byte of a record as it is sent, template included, is changed (file and record decimal)", false, (*fault).parseFlipRecord},
	{faultDrop, "drop=TAG", "an object is not sent, though it was signed", false, (*fault).parseTag},
	{faultRepeat, "repeat=TAG", "an object is sent twice wherever it is sent, though it was signed once", false, (*fault).parseTag},
	{faultAdd, "add=TAG:[VALUE][:PLACE]", "an object is sent besides, unsigned; PLACE is ppse, fci, gpo (the one meant without) or SFI.RECORD", false, (*fault).parseAdd},
	{faultNested, "nested=COUNT[:PLACE]", "COUNT (decimal, 1 to 1000) unknown templates inside each other are sent besides, unsigned", false, (*fault).parseNested},
	{faultLongRecords, "long-records[=COUNT]", "every record is filled up to COUNT bytes (decimal; 254, the most that is allowed) with an unknown object, which is signed", false, (*fault).parseLength},
	{faultCAIndex, "ca-index=XX", "the card names another certification authority key than its issuer's certificate was made with", false, (*fault).parseByte},
	{faultIssuerExpired, "issuer-expired", "the issuer's certificate expired in December 2019", false, nil},
	{faultIssuerRevoked, "issuer-revoked", "the issuer's certificate has the serial number RevokedSerial", false, nil},
	{faultWrongIssuerID, "wrong-issuer-id", "the issuer's certificate is one for other card numbers", false, nil},
	{faultICCExpired, "icc-expired", "the card's certificate expired in December 2019", false, nil},
	{faultWrongPANInCert, "wrong-pan-in-cert", "the card's certificate is one for another card number", false, nil},
	{faultWrongICCKey, "wrong-icc-key", "the card signs with a key that its certificate is not for", false, nil},
	{faultReplay, "sdad-replay", "the card signs another unpredictable number than the terminal's", false, nil},
	{faultSDADFormat, "sdad-format=XX", "signed dynamic and static data have this Signed Data Format", false, (*fault).parseByte},
	{faultWrongCrypto, "wrong-cryptogram", "the application cryptogram is made with another key", false, nil},
	{faultATCStuck, "atc-stuck", "the Application Transaction Counter does not count", false, nil},
}

// RevokedSerial is the Certificate Serial Number of the issuer certificate that the fault issuer-revoked gives; a
// terminal whose revocation list names it, with RID A000000003 and the card's CA Public Key Index, refuses the card.
func RevokedSerial() [3]byte { return [3]byte{0x00, 0xBA, 0xD0} }

// fault is one that Config names.
type fault struct {
	text string
	name faultName

	from    int  // the command, from 1
	onwards bool // and all after it

	tag    tlv.Tag
	offset int
	mask   byte
	count  int
	value  []byte
	place  place
	used   bool
}

// parseFault reads a fault as Config has it.
func parseFault(text string) (fault, error) {
	f := fault{text: text, mask: 0x01, place: placeOptions}
	rest, at, timed := strings.Cut(text, "@")
	name, argument, given := strings.Cut(rest, "=")
	f.name = faultName(name)
	for _, k := range faultKinds {
		if k.name != f.name {
			continue
		}
		bad := func(why string) (fault, error) {
			return fault{}, &Error{CodeFault, fmt.Sprintf("%q: %s; it is written %s", text, why, k.syntax)}
		}
		if timed != k.timed {
			return bad("the command number")
		}
		if timed && !f.parseTime(at) {
			return bad("the command number")
		}
		switch {
		case k.parse == nil && given:
			return bad("it takes no value")
		case k.parse != nil:
			if !given && k.name != faultLongRecords {
				return bad("it takes a value")
			}
			if err := k.parse(&f, argument); err != nil {
				return bad(err.Error())
			}
		}
		return f, nil
	}
	return fault{}, &Error{CodeFault, fmt.Sprintf("no fault %q", name)}
}

func (f *fault) parseTime(s string) bool {
	s, f.onwards = strings.CutSuffix(s, "..")
	n, err := strconv.Atoi(s)
	f.from = n
	return err == nil && n > 0
}

// at reports whether the fault is one of command n.
func (f *fault) at(n int) bool { return f.from > 0 && (n == f.from || f.onwards && n > f.from) }

// fault returns the fault of a name, nil where the card has none. It counts as used then.
func (c *Card) fault(name faultName) *fault {
	for i := range c.faults {
		if f := &c.faults[i]; f.name == name {
			f.used = true
			return f
		}
	}
	return nil
}

// Idle returns the faults that have had no effect so far, as Config has them: the command did not come, the object was
// not sent, the offset is behind its end.
func (c *Card) Idle() []string {
	var idle []string
	for i := range c.faults {
		if !c.faults[i].used {
			idle = append(idle, c.faults[i].text)
		}
	}
	return idle
}

func parseHex(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%q is not hexadecimal", s)
	}
	return b, nil
}

func parseNumber(s string, least, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is not a number from %d to %d", s, least, most)
	}
	return n, nil
}
