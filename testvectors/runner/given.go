package runner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/issuer"
)

// Given is what a case gives, whatever its run: a run takes what it needs.
type Given struct {
	Bytes            []byte // tlv.parse
	DOL              []byte // tlv.dol
	Track            [3]string
	Inputs           map[string]string // crypto.*
	Terminal         Objects
	Applications     []Application
	Preferences      []contactless.Preference
	Transaction      *Transaction
	Random           []byte
	Data             Objects
	FCI, GPO         []byte
	Records          [][]byte
	CAPKs            CAPKs
	Revoked          []capk.Revocation
	Exceptions       []string
	Log              []LogEntry
	Cards            []Card
	PIN              []string
	Choose           []any
	Host             []HostAnswer
	Kernels          []KernelOutcome
	Taps             []Tap
	DET              []Signal // nil where the terminal has no data exchange
	Supports, Lacks  []string
	StaticData       []byte
	DynamicData      []byte
	hasStaticData    bool
	hasDynamicData   bool
	simulated        bool
	protocolIsTPDU   bool
	hasECCKeys       bool
	transactionGiven map[string]any
}

// Transaction is what the terminal asks for. Pointers are nil for what the case does not say.
type Transaction struct {
	Amount, Other    uint64
	Type             byte
	Currency         uint16
	Exponent         *uint8
	Country          []byte
	Date, Time       []byte
	Sequence         uint32
	MerchantOnline   bool
	AccountType      byte
	hasDate, hasTime bool
}

// LogEntry is an earlier transaction.
type LogEntry struct {
	PAN      string
	Sequence []byte
	Date     []byte
	Amount   uint64
}

// HostAnswer is an answer of the issuer.
type HostAnswer struct {
	Answer    kernel.OnlineAnswer
	Simulated *issuer.Config // nil for an answer that the case gives
}

// Tap is what a further transaction of the same session changes.
type Tap struct {
	Transaction *Transaction
	Random      []byte
	HasRandom   bool
	DET         []Signal // nil for those that are left
	Cards       []Card
}

// CAPKs are CA public keys: listed, or a set by its name.
type CAPKs struct {
	Set  string
	Keys []capk.Key
}

func readGiven(o *object) *Given {
	g := &Given{
		Bytes: o.bytes("bytes"), DOL: o.bytes("dol"), Terminal: o.tags("terminal"), Data: o.tags("data"),
		Random: o.bytes("random"), FCI: o.bytes("fci"), GPO: o.bytes("gpo"),
		StaticData: o.bytes("static_data"), DynamicData: o.bytes("dynamic_data"),
		Exceptions: o.texts("exceptions"),
	}
	for i, pan := range g.Exceptions {
		g.Exceptions[i] = digitsOnly(pan)
	}
	g.hasStaticData, g.hasDynamicData = g.StaticData != nil, g.DynamicData != nil
	for i := range g.Track {
		g.Track[i] = o.text("track" + strconv.Itoa(i+1))
	}
	g.Inputs = readInputs(o)
	for i, v := range o.list("records") {
		g.Records = append(g.Records, o.hexOf(fmt.Sprintf("%s[%d]", o.at("records"), i), v))
	}
	for _, a := range o.objects("applications") {
		g.Applications = append(g.Applications, readApplication(a))
	}
	for _, p := range o.objects("preferences") {
		g.Preferences = append(g.Preferences, readPreference(p))
	}
	if t := o.child("transaction"); t != nil {
		g.transactionGiven = t.m
		g.Transaction = readTransaction(t)
	}
	readCAPKs(o, g)
	for _, r := range o.objects("revoked") {
		e := capk.Revocation{}
		copy(e.RID[:], r.sized("rid", 5))
		copy(e.Serial[:], r.sized("serial", 3))
		if b := r.sized("index", 1); b != nil {
			e.Index = b[0]
		}
		r.done()
		g.Revoked = append(g.Revoked, e)
	}
	for _, l := range o.objects("log") {
		e := LogEntry{PAN: digitsOnly(l.text("pan")), Sequence: l.bytes("sequence"), Date: l.bytes("date")}
		if a := l.decimal("amount"); a != nil {
			e.Amount = *a
		}
		l.done()
		g.Log = append(g.Log, e)
	}
	g.Cards = readCards(o, g)
	g.PIN = o.texts("pin")
	g.Choose = o.list("choose")
	for _, h := range o.objects("host") {
		g.Host = append(g.Host, readHost(h))
	}
	for _, k := range o.objects("kernels") {
		g.Kernels = append(g.Kernels, readKernelOutcome(k))
	}
	g.DET = readSignals(o)
	for _, t := range o.objects("taps") {
		g.Taps = append(g.Taps, readTap(t, g))
	}
	if f := o.child("terminal_does"); f != nil {
		g.Supports, g.Lacks = f.texts("supports"), f.texts("lacks")
		f.done()
	}
	o.done()
	return g
}

// digitsOnly returns a card number without the padding that it has as an object of format cn.
func digitsOnly(pan string) string { return strings.TrimRight(pan, "Ff") }

func readInputs(o *object) map[string]string {
	in := o.child("inputs")
	if in == nil {
		return nil
	}
	out := map[string]string{}
	for k, v := range in.m {
		s, ok := v.(string)
		if !ok {
			in.add(in.at(k), CodeType, "must be text")
		}
		out[k] = s
	}
	return out
}

func readTransaction(o *object) *Transaction {
	t := &Transaction{Country: readCountry(o), Date: o.sized("date", 3), Time: o.sized("time", 3)}
	t.hasDate, t.hasTime = t.Date != nil, t.Time != nil
	if a := o.decimal("amount"); a != nil {
		t.Amount = *a
	}
	if a := o.decimal("other"); a != nil {
		t.Other = *a
	}
	if b := o.sized("type", 1); b != nil {
		t.Type = b[0]
	}
	t.Currency = readCurrency(o)
	if e := o.decimal("exponent"); e != nil {
		if *e > 9 {
			o.add(o.at("exponent"), CodeValue, "must be one digit")
		}
		t.Exponent = new(uint8(*e))
	}
	if s := o.decimal("sequence"); s != nil {
		t.Sequence = uint32(min(*s, 1<<32-1))
	}
	t.MerchantOnline, _ = o.flag("merchant_forced_online")
	if b := o.sized("account_type", 1); b != nil {
		t.AccountType = b[0]
	}
	o.done()
	return t
}

// readCountry reads a country code: "0840" as tag 9F1A writes it, or "840".
func readCountry(o *object) []byte {
	if s, ok := o.m["country"].(string); ok && len(s) == 3 {
		o.take("country")
		return o.hexOf(o.at("country"), "0"+s)
	}
	return o.sized("country", 2)
}

// readCurrency reads a currency code: "0840" as tag 5F2A writes it, or "840".
func readCurrency(o *object) uint16 {
	s := o.text("currency")
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || len(s) < 3 || len(s) > 4 {
		o.add(o.at("currency"), CodeValue, "%q is no numeric currency code", s)
	}
	return uint16(n)
}

func readCAPKs(o *object, g *Given) {
	if s, ok := o.m["capks"].(string); ok {
		g.CAPKs.Set = o.one("capks", "test", "production")
		_ = s
		return
	}
	for _, k := range o.objects("capks") {
		var key capk.Key
		copy(key.RID[:], k.sized("rid", 5))
		if b := k.sized("index", 1); b != nil {
			key.Index = b[0]
		}
		key.Modulus, key.Exponent = k.bytes("modulus"), k.bytes("exponent")
		algorithm, point := k.text("algorithm"), k.bytes("point")
		k.done()
		if algorithm != "" || point != nil {
			g.hasECCKeys = true
			continue
		}
		if key.Modulus == nil || key.Exponent == nil {
			k.add(k.path, CodeMissing, "a key has modulus and exponent, or algorithm and point")
		}
		g.CAPKs.Keys = append(g.CAPKs.Keys, key)
	}
}

func readHost(o *object) HostAnswer {
	var h HostAnswer
	if c := o.child("simulated"); c != nil {
		h.Simulated = readSimulatedHost(c)
	}
	h.Answer.Unable, _ = o.flag("unable")
	copy(h.Answer.ARC[:], o.sized("arc", 2))
	h.Answer.AuthCode, h.Answer.IssuerAuth = o.bytes("auth_code"), o.bytes("auth_data")
	for _, key := range []string{"script71", "script72"} {
		v, ok := o.take(key)
		if !ok {
			continue
		}
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		for _, one := range list {
			h.Answer.Scripts = append(h.Answer.Scripts, o.hexOf(o.at(key), one)...)
		}
	}
	o.done()
	return h
}

func readTap(o *object, g *Given) Tap {
	t := Tap{Random: o.bytes("random"), DET: readSignals(o)}
	t.HasRandom = t.Random != nil
	if c := o.child("transaction"); c != nil {
		// A tap says what changes: the rest stays as the first transaction has it.
		merged, _ := merge(g.transactionGiven, c.m).(map[string]any)
		t.Transaction = readTransaction(&object{sink: o.sink, path: c.path, m: merged})
	}
	t.Cards = readCards(o, g)
	o.done()
	return t
}

// when returns the transaction's date and time, in UTC. A case without a date is dated 1 January 2025, 12:00:00.
func (t *Transaction) when() time.Time {
	y, m, d := 2025, 1, 1
	h, mi, s := 12, 0, 0
	if t != nil && t.hasDate {
		y, m, d = century(digits(t.Date[0])), digits(t.Date[1]), digits(t.Date[2])
		h = 0
	}
	if t != nil && t.hasTime {
		h, mi, s = digits(t.Time[0]), digits(t.Time[1]), digits(t.Time[2])
	}
	return time.Date(y, time.Month(m), d, h, mi, s, 0, time.UTC)
}

// century makes a year of two digits (Book 4, 6.7.3: 50 to 99 are of the twentieth century).
func century(y int) int {
	if y >= 50 {
		return 1900 + y
	}
	return 2000 + y
}

func digits(b byte) int { return int(b>>4)*10 + int(b&0x0F) }

// features returns what the case says its terminal does or lacks.
func (g *Given) features() []string { return slices.Concat(g.Supports, g.Lacks) }

// does reports whether the terminal is to do something.
func (g *Given) does(feature string) bool {
	return slices.Contains(g.Supports, feature) && !slices.Contains(g.Lacks, feature)
}
