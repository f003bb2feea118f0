package card

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cardwright/emv/tlv"
)

// place is where a fault puts an object: a file and a record, or one of those below.
type place uint16

const (
	placePPSE place = iota + 1
	placeFCI
	placeOptions
)

// Bounds of what faults may name.
const (
	mostOffset = 65535
	mostNested = 1000
	mostRecord = 4096
	longRecord = 254 // Book 3, 7.1: what a record may have at most
)

func (f *fault) parseStatus(s string) (err error) {
	if f.value, err = parseHex(s); err == nil && len(f.value) != 2 {
		err = errors.New("a status word has two bytes")
	}
	return err
}

func (f *fault) parseValue(s string) (err error) {
	f.value, err = parseHex(s)
	return err
}

func (f *fault) parseByte(s string) (err error) {
	if f.value, err = parseHex(s); err == nil && len(f.value) != 1 {
		err = errors.New("want one byte")
	}
	return err
}

func (f *fault) parseCount(s string) (err error) {
	f.count, err = parseNumber(s, 1, mostOffset)
	return err
}

func (f *fault) parseDelay(s string) (err error) {
	f.count, err = parseNumber(s, 1, 1000*mostOffset)
	return err
}

func (f *fault) parseLength(s string) (err error) {
	if f.count = longRecord; s != "" {
		f.count, err = parseNumber(s, 1, mostRecord)
	}
	return err
}

func (f *fault) parseTag(s string) (err error) {
	if f.tag, err = tlv.ParseTag(s); err != nil {
		return fmt.Errorf("%q is not a tag", s)
	}
	return nil
}

// parseFlip reads TAG[:OFFSET[:MASK]].
func (f *fault) parseFlip(s string) error {
	tag, rest, more := strings.Cut(s, ":")
	if err := f.parseTag(tag); err != nil || !more {
		return err
	}
	return f.parseFlipBytes(rest)
}

// parseFlipBytes reads OFFSET[:MASK].
func (f *fault) parseFlipBytes(s string) (err error) {
	offset, mask, masked := strings.Cut(s, ":")
	if f.offset, err = parseNumber(offset, 0, mostOffset); err != nil || !masked {
		return err
	}
	b, err := parseHex(mask)
	if err != nil || len(b) != 1 || b[0] == 0 {
		return fmt.Errorf("%q is not a mask of one byte", mask)
	}
	f.mask = b[0]
	return nil
}

// parseFlipRecord reads SFI.RECORD:OFFSET[:MASK].
func (f *fault) parseFlipRecord(s string) (err error) {
	where, rest, _ := strings.Cut(s, ":")
	if f.place, err = parseRecordPlace(where); err != nil {
		return err
	}
	return f.parseFlipBytes(rest)
}

// parseAdd reads TAG:[VALUE][:PLACE].
func (f *fault) parseAdd(s string) (err error) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return errors.New("want a tag and a value")
	}
	if err := f.parseTag(parts[0]); err != nil {
		return err
	}
	if f.value, err = parseHex(parts[1]); err != nil {
		return err
	}
	if len(f.value) > maxObject {
		return fmt.Errorf("at most %d bytes", maxObject)
	}
	if len(parts) == 3 {
		f.place, err = parsePlace(parts[2])
	}
	return err
}

// parseNested reads COUNT[:PLACE].
func (f *fault) parseNested(s string) (err error) {
	count, where, given := strings.Cut(s, ":")
	if f.count, err = parseNumber(count, 1, mostNested); err != nil {
		return err
	}
	if given {
		f.place, err = parsePlace(where)
	}
	for range f.count {
		f.value = tlv.Append(nil, tagUnknownTemplate, f.value)
	}
	return err
}

func parsePlace(s string) (place, error) {
	switch s {
	case "ppse":
		return placePPSE, nil
	case "fci":
		return placeFCI, nil
	case "gpo":
		return placeOptions, nil
	}
	return parseRecordPlace(s)
}

// parseRecordPlace reads SFI.RECORD in decimal. Book 3, 5.3.2.2: short file identifiers are 1 to 30.
func parseRecordPlace(s string) (place, error) {
	file, number, _ := strings.Cut(s, ".")
	sfi, err := parseNumber(file, 1, 30)
	if err != nil {
		return 0, err
	}
	rec, err := parseNumber(number, 1, 255)
	return place(sfi)<<8 | place(rec), err
}
