package profile

import (
	"fmt"
	"slices"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/tlv"
)

// The formats of the files.
const (
	formatCountry = "emv-profile/1"
	formatBrands  = "emv-brands/1"
)

// confidences are how well figures are known, best first.
var confidences = []string{"public", "code", "own", "uncertain"}

// load reads a country's file with the brands that all countries share.
func load(file []byte, shared []scheme) (*Profile, error) {
	o, err := parseFile(file)
	if err != nil {
		return nil, err
	}
	if f := o.text("format"); o.Need("format") && f != formatCountry {
		o.Fault("format", CodeFormat, "must be %s", formatCountry)
		return nil, o.Err()
	}
	p := &Profile{About: o.text("about"), Languages: o.texts("languages")}
	p.readPlace(o)
	p.readTerminal(o)
	p.readCVM(o)
	p.readTips(o)
	p.readFallback(o)
	p.readRouting(o)
	p.readBrands(o, slices.Concat(shared, readSchemes(o)))
	p.readForward(o)
	o.Done()
	if err := o.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// sourced reports figures that don't say where they come from and how well they are known.
func (o *object) sourced() {
	if o.text("source") == "" {
		o.Fault("source", CodeSource, "figures say where they come from")
	}
	if o.Need("confidence") {
		o.word("confidence", confidences...)
	}
}

// section returns a required member that is an object with figures.
func (o *object) section(key string) *object {
	if !o.Need(key) {
		return nil
	}
	s := o.object(key)
	if s != nil {
		s.sourced()
	}
	return s
}

func (p *Profile) readPlace(o *object) {
	if c := o.section("country"); c != nil {
		p.Country = Country{
			Alpha2: c.letters("alpha2", 2), Alpha3: c.letters("alpha3", 3), Numeric: c.code("numeric"), Name: c.text("name"),
		}
		if c.Need("name") && p.Country.Name == "" {
			c.Fault("name", CodeValue, "is empty")
		}
		c.Done()
	}
	if c := o.section("currency"); c != nil {
		p.Currency = Currency{
			Alpha: c.letters("alpha", 3), Numeric: c.code("numeric"), CashRounding: c.Number("cash_rounding", 1000),
		}
		if c.Need("exponent") {
			p.Currency.Exponent = uint8(c.Number("exponent", 4))
		}
		if e := kernel.CurrencyExponent(p.Currency.Numeric); p.Currency.Numeric != 0 && p.Currency.Exponent != e {
			c.Fault("exponent", CodeValue, "the currency has %d decimals", e)
		}
		c.Done()
	}
	if o.Need("languages") && len(p.Languages) == 0 {
		o.Fault("languages", CodeMissing, "there must be at least one")
	}
	for i, l := range p.Languages {
		if len(l) != 2 || !isLetters(l, 'a', 'z') {
			o.Fault(fmt.Sprintf("languages[%d]", i), CodeValue, "must be two small letters")
		}
		if slices.Contains(p.Languages[:i], l) {
			o.Fault(fmt.Sprintf("languages[%d]", i), CodeDuplicate, "given twice")
		}
	}
}

func (o *object) letters(key string, n int) string {
	s := o.text(key)
	if o.Need(key) && (len(s) != n || !isLetters(s, 'A', 'Z')) {
		o.Fault(key, CodeValue, "must be %d capital letters", n)
	}
	return s
}

func isLetters(s string, low, high byte) bool {
	for i := range len(s) {
		if s[i] < low || s[i] > high {
			return false
		}
	}
	return true
}

// code reads a numeric code of ISO 3166 or ISO 4217, three digits as text.
func (o *object) code(key string) uint16 {
	s := o.text(key)
	if !o.Need(key) {
		return 0
	}
	if len(s) != 3 || !isLetters(s, '0', '9') || s == "000" {
		o.Fault(key, CodeValue, "must be three digits")
		return 0
	}
	return uint16(s[0]-'0')*100 + uint16(s[1]-'0')*10 + uint16(s[2]-'0')
}

// readTerminal reads the data objects of the terminal. Terminal Country Code (9F1A) comes from the country.
func (p *Profile) readTerminal(o *object) {
	t := o.section("terminal")
	if t == nil {
		return
	}
	var country [2]byte
	kernel.PutBCD(country[:], uint64(p.Country.Numeric))
	p.terminal = tlv.Append(nil, 0x9F1A, country[:])
	if t.Need("data") {
		p.terminal = append(p.terminal, t.data("data")...)
	}
	for _, i := range []struct {
		key string
		to  *[]byte
	}{{"contact", &p.onContact}, {"contactless", &p.onTap}, {"swipe", &p.onMagswipe}} {
		if !t.Need(i.key) {
			continue
		}
		*i.to = t.data(i.key)
		for _, tag := range []tlv.Tag{0x9F33, 0x9F35, 0x9F40} {
			a, inAll := tlv.Find(p.terminal, tag)
			b, inOne := tlv.Find(*i.to, tag)
			switch n := len(a) + len(b); {
			case !inAll && !inOne:
				t.Fault(i.key+"."+tag.String(), CodeMissing, "is required, here or in data")
			case inAll && inOne:
				t.Fault(i.key+"."+tag.String(), CodeDuplicate, "is in data, too")
			case n != lengths[tag]:
				t.Fault(i.key+"."+tag.String(), CodeLength, "%d bytes; it has %d", n, lengths[tag])
			}
		}
	}
	p.cdaMode = uint8(t.Number("cda_mode", 4))
	t.Done()
}

// lengths are those of the objects that every terminal must have.
var lengths = map[tlv.Tag]int{0x9F33: 3, 0x9F35: 1, 0x9F40: 5}

func (p *Profile) readCVM(o *object) {
	c := o.section("cvm")
	if c == nil {
		return
	}
	c.Need("online_pin", "offline_pin", "bypass", "signature", "swipe")
	p.CVM = CVM{
		OnlinePIN: c.Flag("online_pin"), OfflinePIN: c.Flag("offline_pin"), Bypass: c.Flag("bypass"),
		Signature: c.word("signature", "required", "optional"), Swipe: c.word("swipe", "signature", "no-cvm"),
	}
	c.Done()
}

func (p *Profile) readTips(o *object) {
	t := o.section("tips")
	if t == nil {
		return
	}
	p.Tips = Tips{Ask: t.Flag("ask"), Custom: t.Flag("custom"), Adjust: t.Flag("adjust")}
	for i, v := range t.List("percent") {
		var n uint64
		if v != nil {
			n, _ = t.NumberOf(fmt.Sprintf("percent[%d]", i), v, 100)
		}
		p.Tips.Percent = append(p.Tips.Percent, n)
	}
	t.Done()
}

func (p *Profile) readFallback(o *object) {
	f := o.section("fallback")
	if f == nil {
		return
	}
	p.fallback = magstripe.Profile{
		Technical: f.Flag("technical"), NoCommon: f.Flag("no_common"), Foreign: f.Flag("foreign_only"),
		Tries: int(f.Number("tries", 10)),
	}
	f.Done()
}

func (p *Profile) readRouting(o *object) {
	for _, e := range o.objects("routing") {
		e.sourced()
		r := Routing{
			Prefer: e.aids("prefer"), Over: e.aids("over"), Above: e.Number("above", kernel.MaxAmount), Active: e.Flag("active"),
		}
		for i, s := range e.texts("interfaces") {
			on := Interface(s)
			if on != Tap && on != Insert {
				e.Fault(fmt.Sprintf("interfaces[%d]", i), CodeValue, "must be contact or contactless")
			}
			r.Interfaces = append(r.Interfaces, on)
		}
		for _, key := range []string{"prefer", "over"} {
			if e.Need(key) && len(e.List(key)) == 0 {
				e.Fault(key, CodeMissing, "there must be at least one")
			}
		}
		e.Done()
		p.Routings = append(p.Routings, r)
	}
}

// readLimits reads amounts in minor units.
func readLimits(o *object) Limits {
	const most = kernel.MaxAmount - 1 // one more is a limit from which on
	return Limits{
		CVM: o.optional("cvm", most), Transaction: o.optional("transaction", most), OnDevice: o.optional("on_device", most),
		Floor: o.optional("floor", most),
	}
}

// readContact reads an application's configuration for contact.
func readContact(o *object) *Contact {
	o.sourced()
	denial, online, def := readCodes(o)
	c := &Contact{
		Codes: action.Codes{Denial: denial, Online: online, Default: def},
		Floor: o.Number("floor", 0xFFFFFFFF), DDOL: o.bytes("ddol", 1, 252), TDOL: o.bytes("tdol", 0, 252),
		Data: o.data("data"),
	}
	o.Need("tac_denial", "tac_online", "tac_default", "version", "ddol")
	if v := o.bytes("version", 2, 2); v != nil {
		c.Data = tlv.Append(c.Data, tagVersion, v)
	}
	for _, list := range []struct {
		key string
		dol []byte
	}{{"ddol", c.DDOL}, {"tdol", c.TDOL}} {
		if _, err := tlv.DOLDataLen(list.dol); err != nil {
			o.Fault(list.key, CodeValue, "is no data object list")
		}
	}
	if c.DDOL != nil && !tlv.DOLHas(c.DDOL, 0x9F37) { // Book 3, 10.3
		o.Fault("ddol", CodeValue, "must ask for the Unpredictable Number (9F37)")
	}
	if s := o.object("random_selection"); s != nil {
		c.Selection = risk.Selection{
			Threshold: s.Number("threshold", kernel.MaxAmount), Target: uint8(s.Number("target", 99)),
			MaxTarget: uint8(s.Number("max_target", 99)),
		}
		if c.Selection.Target > c.Selection.MaxTarget {
			s.Fault("max_target", CodeValue, "must be at least the target")
		}
		s.Done()
	}
	o.Done()
	return c
}

// readContactless reads an application's configuration for taps. The kernel is the scheme's.
func readContactless(o *object, of string) *Contactless {
	o.sourced()
	c := &Contactless{
		Kernel: of, StatusCheck: o.Flag("status_check"), ExtendedSelection: o.Flag("extended_selection"),
		Data: o.data("data"),
	}
	if o.Has("zero_amount") {
		c.ZeroAmount = new(o.Flag("zero_amount"))
	}
	if b := o.bytes("ttq", 4, 4); b != nil {
		c.TTQ = (*contactless.TTQ)(b)
		if contactless.TTQOnlineCryptogram.In(b) || contactless.TTQCVMRequired.In(b) {
			o.Fault("ttq", CodeValue, "byte 2 b8 and b7 are set for each transaction")
		}
	}
	if l := o.section("limits"); l != nil {
		c.Limits = readLimits(l)
		l.text("valid_from")
		l.Done()
	}
	options := o.object("options")
	if s := serving(of); s != nil {
		if options == nil {
			options = &object{o.ChildOf("options", map[string]any{})}
		}
		c.configure = s.read(options)
		options.Done()
	}
	o.Done()
	return c
}
