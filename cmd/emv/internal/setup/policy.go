package setup

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

func (r *reader) policy(o *object, s *Setup) {
	p := &s.Policy
	if v := o.Text("min_app", wire.MaxID); v != "" {
		version, err := wire.ParseVersion(v)
		if err != nil {
			o.Fault("min_app", CodeValue, "must be a version as 8.16.0")
		}
		p.MinApp = &version
	}
	p.Platforms = o.texts("platforms", wire.MaxID)
	p.Surcharge, p.RequireCart = o.Flag("surcharge"), o.Flag("require_cart")
	p.Disclaimers = o.texts("disclaimers", 200)
	if f := o.object("refunds"); f != nil {
		p.RefundRoles, p.RefundMost = f.texts("roles", wire.MaxID), f.Number("most", maxAmount)
		p.CardRefunds = f.texts("with_card", maxText)
		if len(p.RefundRoles) > 0 && p.RefundMost == 0 {
			f.Fault("most", CodeMissing, "is required with roles: the largest refund without its payment, in minor units")
		}
		r.brands(f, "with_card", p.CardRefunds, s.Profile)
		f.Done()
	}
	if f := o.object("forward"); f != nil {
		p.Forward = r.forward(f, s)
	}
	if t := o.object("tips"); t != nil {
		p.Tips = r.tips(t)
	}
	if a := o.object("adjust"); a != nil {
		p.Adjust, p.AdjustMost = a.Flag("allow"), a.Number("most_percent", 100)
		a.Done()
	}
	o.Done()
}

// The bounds of what is stored to be sent later.
const (
	maxForward = 1000
	maxHours   = 7 * 24
)

func (r *reader) forward(o *object, s *Setup) *Forward {
	f := &Forward{
		Max: o.Number("max", maxAmount), Sum: o.Number("sum", maxAmount), Count: int(o.Number("count", maxForward)),
		Age: time.Duration(o.Number("hours", maxHours)) * time.Hour, Brands: o.texts("online_brands", maxText), PIN: o.Flag("pin"),
	}
	for _, e := range []struct {
		key string
		n   uint64
	}{{"max", f.Max}, {"sum", f.Sum}, {"count", uint64(f.Count)}, {"hours", uint64(f.Age)}} {
		v, _ := o.Take(e.key)
		if _, given := v.(json.Number); given && e.n == 0 {
			o.Fault(e.key, CodeValue, "must be more than 0; without forward nothing is stored")
		}
	}
	if o.Has("sum") && f.Max > f.Sum {
		o.Fault("max", CodeValue, "is more than sum")
	}
	r.brands(o, "online_brands", f.Brands, s.Profile)
	o.Done()
	return f
}

// maxTips is how many tips the screen has room for.
const maxTips = 6

func (r *reader) tips(o *object) *Tips {
	t := &Tips{Ask: o.Flag("ask"), Custom: o.Flag("custom")}
	v, _ := o.Take("percent")
	list, ok := v.([]any)
	if v != nil && !ok || len(list) > maxTips {
		o.Fault("percent", CodeType, "must be a list of at most %d numbers", maxTips)
		list = nil
	}
	for i, e := range list {
		key := "percent[" + strconv.Itoa(i) + "]"
		n, _ := o.NumberOf(key, e, 100)
		if slices.Contains(t.Percent, n) {
			o.Fault(key, CodeDuplicate, "given twice")
		}
		t.Percent = append(t.Percent, n)
	}
	o.Done()
	return t
}

func (r *reader) appearance(o *object, s *Setup) {
	a := &s.Appearance
	if b := r.file(o, "standby", maxImage); b != nil {
		image, err := display.NewImage(b)
		if err != nil {
			o.Fault("standby", CodeFile, "%v", err)
		}
		a.Standby = image
	}
	a.Language = o.word("language", text.Languages()...)
	a.Brands = o.texts("brands", maxText)
	r.brands(o, "brands", a.Brands, s.Profile)
	if p := o.object("post_payment"); p != nil {
		a.PostPayment = map[string]string{}
		for _, language := range p.Keys() {
			t := p.Text(language, 4*maxText)
			switch {
			case !slices.Contains(text.Languages(), language):
				p.Fault(language, CodeValue, "must be one of %s", strings.Join(text.Languages(), ", "))
			case text.Graphemes(t) > MaxPostPayment:
				p.Fault(language, CodeLength, "more than %d letters", MaxPostPayment)
			}
			a.PostPayment[language] = t
		}
		p.Done()
	}
	o.Done()
}

// brands refuses keys of brands that the country does not take. Without a country in the file nothing is known.
func (r *reader) brands(o *object, key string, names []string, p *profile.Profile) {
	if p == nil {
		return
	}
	for i, name := range names {
		if _, ok := p.Accepts(name); !ok && name != "" {
			o.Fault(key+"["+strconv.Itoa(i)+"]", CodeValue, "%s takes no brand of that key", p.Country.Alpha2)
		}
	}
}
