package runner

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

// shape says what a wanted value may be and when a value that a run gave is it. Values that runs give are nil for what
// is absent, string, bool, int64, []any, map[string]any, and oneOf.
type shape interface {
	check(s *sink, path string, want any)
	match(want, got any) bool
}

// oneOf is what a run gives where two answers are equally right: the first is shown.
type oneOf []any

// scalar is a single value. An array where it is wanted means any one of these; null means that it must be absent.
type scalar struct {
	valid func(want any) string // what is wrong with a wanted value, "" for nothing
	equal func(want, got any) bool
}

func (c scalar) check(s *sink, path string, want any) {
	list, many := want.([]any)
	if !many {
		list = []any{want}
	}
	if many && len(list) == 0 {
		s.add(path, CodeValue, "an empty array matches nothing")
	}
	for i, w := range list {
		if w == nil {
			continue
		}
		at := path
		if many {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		if why := c.valid(w); why != "" {
			s.add(at, CodeValue, "%s", why)
		}
	}
}

func (c scalar) match(want, got any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(w any) bool { return c.match(w, got) })
	}
	if list, ok := got.(oneOf); ok {
		return slices.ContainsFunc(list, func(g any) bool { return c.match(want, g) })
	}
	if want == nil {
		return got == nil || got == "na"
	}
	return got != nil && c.equal(want, got)
}

// name is one of a set of names, or "na".
func name(names []string) scalar {
	return scalar{
		func(want any) string {
			s, ok := want.(string)
			if !ok || !isNA(s) && !slices.Contains(names, spelling(s)) {
				return fmt.Sprintf("%v is none of %s", want, strings.Join(names, ", "))
			}
			return ""
		},
		func(want, got any) bool {
			return spelling(want.(string)) == got || got == "na" && isNA(want.(string))
		},
	}
}

// text is text, exactly.
func text() scalar {
	return scalar{isText, func(want, got any) bool { return want == got }}
}

// either is text that may be written in hexadecimal, too.
func either() scalar {
	return scalar{isText, func(want, got any) bool {
		g, _ := got.(string)
		return want == got || strings.EqualFold(want.(string), hex.EncodeToString([]byte(g)))
	}}
}

// hexadecimal is text that compares without regard to case.
func hexadecimal() scalar {
	return scalar{
		func(want any) string {
			s, ok := want.(string)
			if _, err := hex.DecodeString(s); !ok || err != nil {
				return "must be hexadecimal text"
			}
			return ""
		},
		func(want, got any) bool {
			g, _ := got.(string)
			return strings.EqualFold(want.(string), g)
		},
	}
}

// pattern is a command, in which '..' is any byte.
func pattern() scalar {
	return scalar{
		func(want any) string {
			s, ok := want.(string)
			if _, err := replay.ParsePattern(s); !ok || err != nil {
				return "must be hexadecimal text, with .. for any byte"
			}
			return ""
		},
		func(want, got any) bool {
			p, err := replay.ParsePattern(want.(string))
			g, _ := got.(string)
			b, bad := hex.DecodeString(g)
			return err == nil && bad == nil && p.Match(b)
		},
	}
}

// whole is a whole number; decimal text is taken too.
func whole() scalar {
	return scalar{
		func(want any) string {
			if _, ok := wholeOf(want); !ok {
				return "must be a whole number"
			}
			return ""
		},
		func(want, got any) bool {
			w, _ := wholeOf(want)
			g, ok := wholeOf(got)
			return ok && w == g
		},
	}
}

// millis is a time, or "na".
func millis() scalar {
	n := whole()
	return scalar{
		func(want any) string {
			if s, ok := want.(string); ok && isNA(s) {
				return ""
			}
			return n.valid(want)
		},
		func(want, got any) bool {
			if s, ok := want.(string); ok && isNA(s) {
				return got == "na"
			}
			return n.equal(want, got)
		},
	}
}

func wholeOf(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// truth is true or false.
func truth() scalar {
	return scalar{
		func(want any) string {
			if _, ok := want.(bool); !ok {
				return "must be true or false"
			}
			return ""
		},
		func(want, got any) bool { return want == got },
	}
}

func isText(want any) string {
	if _, ok := want.(string); !ok {
		return "must be text"
	}
	return ""
}

// list is an array of one shape, in order and complete; as a set the order does not count.
type list struct {
	of  shape
	set bool
}

func (l list) check(s *sink, path string, want any) {
	items, ok := want.([]any)
	if !ok && want != nil {
		s.add(path, CodeType, "must be an array")
	}
	for i, w := range items {
		l.of.check(s, fmt.Sprintf("%s[%d]", path, i), w)
	}
}

func (l list) match(want, got any) bool {
	if either, ok := got.(oneOf); ok {
		return slices.ContainsFunc(either, func(g any) bool { return l.match(want, g) })
	}
	w, _ := want.([]any)
	g, given := got.([]any)
	if want == nil {
		return !given
	}
	if !given || len(w) != len(g) {
		return false
	}
	for i := range w {
		if l.set {
			if !slices.ContainsFunc(g, func(one any) bool { return l.of.match(w[i], one) }) {
				return false
			}
			continue
		}
		if !l.of.match(w[i], g[i]) {
			return false
		}
	}
	return true
}

// record is an object, compared on the keys that are wanted.
type record map[string]shape

func (r record) check(s *sink, path string, want any) {
	if want == nil {
		return
	}
	o := s.object(path, want)
	for k, sh := range r {
		if v, ok := o.take(k); ok {
			sh.check(s, o.at(k), v)
		}
	}
	o.done()
}

func (r record) match(want, got any) bool {
	w, _ := want.(map[string]any)
	g, given := got.(map[string]any)
	if want == nil || !given {
		return want == nil && !given
	}
	for k, v := range w {
		if !r[k].match(v, g[k]) {
			return false
		}
	}
	return true
}

// byTag is an object of tag → hexadecimal, or null for what must be absent.
type byTag struct{}

func (byTag) check(s *sink, path string, want any) {
	if want == nil {
		return
	}
	o := s.object(path, want)
	for k, v := range o.m {
		if _, err := tlv.ParseTag(k); err != nil {
			s.add(o.at(k), CodeUnknown, "the key %q is not a tag", k)
		}
		hexadecimal().check(s, o.at(k), v)
	}
}

func (byTag) match(want, got any) bool {
	w, _ := want.(map[string]any)
	g, _ := got.(map[string]any)
	for k, v := range w {
		if !hexadecimal().match(v, g[strings.ToUpper(k)]) {
			return false
		}
	}
	return want != nil || got == nil
}

// byName is an object of name → text: what a crypto operation or a stripe gives.
type byName struct{}

func (byName) check(s *sink, path string, want any) {
	if want == nil {
		return
	}
	o := s.object(path, want)
	for k, v := range o.m {
		text().check(s, o.at(k), v)
	}
}

func (byName) match(want, got any) bool {
	w, _ := want.(map[string]any)
	g, _ := got.(map[string]any)
	for k, v := range w {
		if !named(k).match(v, g[k]) {
			return false
		}
	}
	return (want == nil) == (got == nil)
}

// named compares an output by its name: a key check value on the bytes that are wanted, everything else without regard
// to case.
func named(key string) scalar {
	return scalar{isText, func(want, got any) bool {
		w, _ := want.(string)
		g, _ := got.(string)
		if strings.HasSuffix(key, "_kcv") && len(w) >= 4 && len(w) < len(g) {
			g = g[:len(w)]
		}
		return strings.EqualFold(w, g)
	}}
}

// branch is the tree of tlv.parse: objects with a tag and either a value or children.
type branch struct{}

func (branch) check(s *sink, path string, want any) {
	items, ok := want.([]any)
	if !ok {
		s.add(path, CodeType, "must be an array")
	}
	for i, w := range items {
		o := s.object(fmt.Sprintf("%s[%d]", path, i), w)
		if _, ok := o.take("tag"); !ok {
			s.add(o.at("tag"), CodeMissing, "an object has a tag")
		}
		hexadecimal().check(s, o.at("tag"), o.m["tag"])
		if v, ok := o.take("value"); ok {
			hexadecimal().check(s, o.at("value"), v)
		}
		if v, ok := o.take("children"); ok {
			branch{}.check(s, o.at("children"), v)
		}
		o.done()
	}
}

func (branch) match(want, got any) bool {
	w, _ := want.([]any)
	g, ok := got.([]any)
	if !ok || len(w) != len(g) {
		return false
	}
	for i := range w {
		a, _ := w[i].(map[string]any)
		b, _ := g[i].(map[string]any)
		if !hexadecimal().match(a["tag"], b["tag"]) {
			return false
		}
		if v, ok := a["value"]; ok && !hexadecimal().match(v, b["value"]) {
			return false
		}
		if v, ok := a["children"]; ok && !(branch{}).match(v, b["children"]) {
			return false
		}
	}
	return true
}
