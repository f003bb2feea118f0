package dict

import (
	"strconv"

	"github.com/cardwright/emv/tlv"
)

// Explain tells what value means, one meaning a line, and calls yield with each line until yield returns false:
//
//	byte 1 b8: Offline data authentication was not performed
//	byte 1 b8-b7: Cryptogram: ARQC
//
// Set bits and coded values come from the entry's table; lists, CVM rules, file locators, the Issuer Application Data and
// a few more are taken apart. Scope is that of the kernel that asks: it decides how the tags of a list are called and
// which scheme's layout applies, where e itself may be an entry of Common. Lines hold no card number, track or name, and
// for an entry of those classes there are none. A length that the entry does not allow is the first line.
func Explain(e *Entry, scope Scope, value []byte, yield func(line string) bool) {
	if e == nil || e.Sensitive != Public {
		return
	}
	l := &lines{yield: yield, scope: scope}
	if !e.ValidLength(len(value)) {
		l.add("length ", strconv.Itoa(len(value)), " is not allowed")
	}
	l.fields("", e.Bits, value)
	switch {
	case IsDOL(e):
		l.dol(value)
	case IsTagList(e):
		l.tags(value)
	default:
		l.special(e, value)
	}
}

// lines is where the lines go. After yield has returned false it takes no more.
type lines struct {
	yield func(string) bool
	scope Scope
	done  bool
}

func (l *lines) add(parts ...string) {
	if l.done {
		return
	}
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		b = append(b, p...)
	}
	l.done = !l.yield(string(b))
}

// fields adds what is set in value; prefix stands in front of each line.
func (l *lines) fields(prefix string, fields []Field, value []byte) {
	for i := range fields {
		f := &fields[i]
		if f.Byte == 0 || int(f.Byte) > len(value) {
			continue
		}
		v := value[f.Byte-1] & f.Mask
		if f.Values == nil {
			if v != 0 {
				l.add(prefix, f.place(), ": ", f.Name)
			}
			continue
		}
		v >>= f.shift()
		name := nameOf(f.Values, v)
		if name == "" {
			name = "'" + hexByte(v) + "'"
		}
		l.add(prefix, f.place(), ": ", f.Name, ": ", name)
	}
}

// shift returns how far the field's lowest bit is from b1.
func (f *Field) shift() (n int) {
	for m := f.Mask; m != 0 && m&1 == 0; m >>= 1 {
		n++
	}
	return n
}

// place returns where the field is: "byte 1 b8", "byte 1 b8-b5", "byte 2".
func (f *Field) place() string {
	s := "byte " + strconv.Itoa(int(f.Byte))
	if f.Mask == 0xFF {
		return s
	}
	low := f.shift() + 1
	high := low
	for m := f.Mask >> low; m != 0; m >>= 1 {
		high++
	}
	s += " b" + strconv.Itoa(high)
	if high != low {
		s += "-b" + strconv.Itoa(low)
	}
	return s
}

func (l *lines) dol(list []byte) {
	d := tlv.ReadDOL(list)
	for d.Next() {
		l.add(title(d.Tag(), l.scope), ", ", strconv.Itoa(d.Len()), plural(d.Len(), " byte"))
	}
	if err := d.Err(); err != nil {
		l.add("malformed: ", err.Error())
	}
}

func (l *lines) tags(list []byte) {
	for len(list) > 0 {
		t, n := tagAt(list)
		if n == 0 {
			l.add("malformed: not a tag")
			return
		}
		l.add(title(t, l.scope))
		list = list[n:]
	}
}

func plural(n int, unit string) string {
	if n == 1 {
		return unit
	}
	return unit + "s"
}

// span returns "byte 3" or "bytes 3-8" for value[from:to].
func span(from, to int) string {
	if to-from == 1 {
		return "byte " + strconv.Itoa(to)
	}
	return "bytes " + strconv.Itoa(from+1) + "-" + strconv.Itoa(to)
}
