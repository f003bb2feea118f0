package terminal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
)

// form is a way to write down digits, as what a search looks for.
type form struct {
	name string
	text []byte
}

// forms are all ways in which a row of digits may stand in bytes. BCD is looked for at both places of a half byte, base64
// at all three of a byte; what they have in common with their neighbours is left out.
func forms(digits string) (list []form) {
	add := func(name string, b []byte) { list = append(list, form{name, b}) }
	add("digits", []byte(digits))
	add("digits, backwards", []byte(backwards(digits)))
	for _, gap := range []string{" ", "-"} {
		for first := 1; first <= 6; first++ { // groups of four, or of five and six as on some brands
			add(fmt.Sprintf("groups with %q", gap), []byte(grouped(digits, gap, first, 4)))
		}
	}
	var wide []byte
	for _, u := range utf16.Encode([]rune(digits)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	add("UTF-16", wide)
	add("hex of digits", []byte(hex.EncodeToString([]byte(digits))))
	for shift := range 2 {
		even := digits[shift : len(digits)-(len(digits)-shift)%2]
		packed, _ := hex.DecodeString(even) // digits are hex digits
		add("BCD", packed)
		turned := bytes.Clone(packed)
		for i, b := range turned {
			turned[i] = b<<4 | b>>4
		}
		add("BCD with half bytes reversed", turned)
		add("hex of BCD with half bytes reversed", []byte(hex.EncodeToString(turned)))
		list = append(list, base64s("base64 of BCD", packed)...)
	}
	return append(list, base64s("base64 of digits", []byte(digits))...)
}

// base64s are the inner letters of base64 at each of three places.
func base64s(name string, b []byte) (list []form) {
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString(append(make([]byte, before), b...))
		from := []int{0, 2, 3}[before]
		to := (before + len(b)) * 8 / 6 // letters that are wholly of b
		if inner := text[from:to]; len(inner) >= 6 {
			list = append(list, form{name, []byte(inner)})
			if url := strings.NewReplacer("+", "-", "/", "_").Replace(inner); url != inner {
				list = append(list, form{name + ", for URLs", []byte(url)})
			}
		}
	}
	return list
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func grouped(s, gap string, first, size int) string {
	var b strings.Builder
	for i := range len(s) {
		if i >= first && (i-first)%size == 0 {
			b.WriteString(gap)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// secret is what must be nowhere.
type secret struct {
	name  string
	forms []form
}

// window is how many digits of a card number in a row are too many: a receipt may have the first six and the last four.
const window = 10

// plain reports whether a part of a number is such that it stands in many places by chance: it is one digit for the most
// part, as the zeros in the middle of many a test card.
func plain(digits string) bool {
	for d := '0'; d <= '9'; d++ {
		if strings.Count(digits, string(d)) >= 4*len(digits)/10 {
			return true
		}
	}
	return false
}

// ofDigits is a secret of digits: all of them, and any part from a window on that is not plain.
func ofDigits(name, digits string) secret {
	s := secret{name, forms(digits)}
	for i := 0; i+window <= len(digits); i++ {
		if plain(digits[i : i+window]) {
			continue
		}
		for _, f := range forms(digits[i : i+window]) {
			s.forms = append(s.forms, form{fmt.Sprintf("%s, digits %d to %d", f.name, i+1, i+window), f.text})
		}
	}
	return s
}

// ofBytes is a secret that is bytes: it is looked for as they are, in hex and in base64.
func ofBytes(name string, b []byte) secret {
	low := hex.EncodeToString(b)
	return secret{name, append([]form{{"bytes", b}, {"hex", []byte(low)}, {"capital hex", []byte(strings.ToUpper(low))}}, base64s("base64", b)...)}
}

// find returns what of a secret is in a heap of bytes, "" for nothing.
func (s *secret) find(heap []byte) string {
	for _, f := range s.forms {
		if i := bytes.Index(heap, f.text); i >= 0 {
			return fmt.Sprintf("%s as %s, at %d of %d", s.name, f.name, i, len(heap))
		}
	}
	return ""
}

// places are where the search looks, by name. They are filled while the shop works.
type places struct {
	mu   sync.Mutex
	list map[string]*bytes.Buffer
}

func (p *places) add(name string, b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list == nil {
		p.list = map[string]*bytes.Buffer{}
	}
	if p.list[name] == nil {
		p.list[name] = &bytes.Buffer{}
	}
	p.list[name].Write(b)
}

// Names and bytes of all places.
func (p *places) all(yield func(string, []byte) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, b := range p.list {
		if !yield(name, b.Bytes()) {
			return
		}
	}
}

// writer returns a place as somewhere to write to.
func (p *places) writer(name string) writer { return writer{p, name} }

type writer struct {
	places *places
	name   string
}

func (w writer) Write(b []byte) (int, error) {
	w.places.add(w.name, b)
	return len(b), nil
}

// recorded is a connection every byte of which is a place's.
type recorded struct {
	net.Conn
	places *places
	name   string
}

func (c recorded) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.places.add(c.name+", in", b[:n])
	return n, err
}

func (c recorded) Write(b []byte) (int, error) {
	c.places.add(c.name+", out", b)
	return c.Conn.Write(b)
}
