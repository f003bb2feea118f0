package capture

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

func upper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// setUp takes down what both interfaces have.
func (r *Recorder) setUp(terminal []byte, tx *kernel.Transaction) {
	r.given["terminal"] = objects(terminal)
	t := map[string]any{
		"amount": decimal(tx.Amount), "type": upper([]byte{byte(tx.Type)}), "currency": fmt.Sprintf("%04d", tx.Currency),
	}
	if tx.Other > 0 {
		t["other"] = decimal(tx.Other)
	}
	if tx.Exponent != nil {
		t["exponent"] = strconv.Itoa(int(*tx.Exponent))
	}
	if !tx.Time.IsZero() {
		t["date"], t["time"] = tx.Time.Format("060102"), tx.Time.Format("150405")
	}
	if tx.Sequence > 0 {
		t["sequence"] = strconv.FormatUint(uint64(tx.Sequence), 10)
	}
	if tx.Online {
		t["merchant_forced_online"] = true
	}
	if tx.Account != 0 {
		t["account_type"] = upper([]byte{tx.Account})
	}
	r.given["transaction"] = t
}

// objects turns TLV into tag → value. Of an object that is there twice the last one counts, as in a terminal.
func objects(list []byte) map[string]any {
	out := map[string]any{}
	for c := tlv.Read(list); c.Next(); {
		out[c.Tag().String()] = upper(c.Value())
	}
	return out
}

func (r *Recorder) does(supports, lacks []string) {
	if supports == nil && lacks == nil {
		return
	}
	does := map[string]any{}
	if supports != nil {
		does["supports"] = supports
	}
	if lacks != nil {
		does["lacks"] = lacks
	}
	r.given["terminal_does"] = does
}

// combination is the entry of a combination in given.applications.
func combination(c *contactless.Combination) map[string]any {
	a := map[string]any{"aid": upper(c.AID), "kernel": c.Kernel.String()}
	types(a, c.Types)
	if c.TTQ != nil {
		a["ttq"] = upper(c.TTQ[:])
	}
	if c.ExtendedSelection {
		a["extended_selection"] = true
	}
	if len(c.Data) > 0 {
		a["data"] = objects(c.Data)
	}
	limits(a, &c.Limits)
	return a
}

// preference is an entry of given.preferences.
func preference(p *contactless.Preference) map[string]any {
	out := map[string]any{}
	for key, aids := range map[string][]kernel.AID{"prefer": p.Prefer, "over": p.Over} {
		var list []string
		for _, a := range aids {
			list = append(list, upper(a))
		}
		out[key] = list
	}
	if p.Above > 0 {
		out["above"] = decimal(p.Above)
	}
	return out
}

func types(a map[string]any, list []kernel.TransactionType) {
	var out []string
	for _, t := range list {
		out = append(out, upper([]byte{byte(t)}))
	}
	if out != nil {
		a["types"] = out
	}
}

func limits(a map[string]any, l *contactless.Limits) {
	for key, v := range map[string]*uint64{
		"contactless_limit": l.Transaction, "contactless_floor_limit": l.Floor, "cvm_limit": l.CVM,
	} {
		if v != nil {
			a[key] = decimal(*v)
		}
	}
	if l.StatusCheck {
		a["status_check"] = true
	}
	if l.ZeroAmount != nil {
		a["zero_amount_allowed"] = *l.ZeroAmount
	}
	if l.ZeroAmountOffline != nil {
		a["zero_amount_offline"] = *l.ZeroAmountOffline
	}
}

// application is the entry of an application of contact in given.applications.
func application(c *contact.Application) map[string]any {
	a := map[string]any{"aid": upper(c.AID)}
	types(a, c.Types)
	if c.Partial {
		a["partial"] = true
	}
	if len(c.Data) > 0 {
		a["data"] = objects(c.Data)
	}
	codes(a, &c.Codes)
	for key, v := range map[string][]byte{"ddol": c.DDOL, "tdol": c.TDOL} {
		if v != nil {
			a[key] = upper(v)
		}
	}
	selection(a, &c.Selection)
	return a
}
