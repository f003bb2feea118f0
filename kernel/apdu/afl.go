package apdu

import "strconv"

// MaxRecords is how many records an AFL may name in all. The books set no limit, and a hostile AFL could name 16,000;
// no known card has more than 40.
const MaxRecords = 255

// AFL walks an Application File Locator (94; Book 3, 10.2) record by record:
//
//	a, err := apdu.ReadAFL(value)
//	for a.Next() {
//		read(a.SFI, a.Record, a.Signed)
//	}
type AFL struct {
	SFI    byte // 1 to 30
	Record byte // 1 to 255
	Signed bool // takes part in offline data authentication

	entries []byte
	last    byte
	signed  byte
}

// AFLError says which entry of an AFL breaks which rule.
type AFLError struct {
	Code  string // "afl.length", "afl.sfi", "afl.record", "afl.signed", "afl.records"
	Entry int    // from 0
}

func (e *AFLError) Error() string { return e.Code + " in entry " + strconv.Itoa(e.Entry) }

// ErrorCode returns the stable code.
func (e *AFLError) ErrorCode() string { return e.Code }

// ReadAFL checks the whole AFL by the rules of Book 3, 10.2, and returns a cursor in front of its first record.
func ReadAFL(value []byte) (AFL, error) {
	if len(value) == 0 || len(value)%4 != 0 {
		return AFL{}, &AFLError{Code: "afl.length"}
	}
	records := 0
	for i := 0; i < len(value); i += 4 {
		sfi, first, last, signed := value[i], value[i+1], value[i+2], value[i+3]
		n := int(last) - int(first) + 1
		switch {
		case sfi&0x07 != 0 || sfi>>3 < 1 || sfi>>3 > 30:
			return AFL{}, &AFLError{"afl.sfi", i / 4}
		case first == 0 || n < 1:
			return AFL{}, &AFLError{"afl.record", i / 4}
		case int(signed) > n:
			return AFL{}, &AFLError{"afl.signed", i / 4}
		}
		if records += n; records > MaxRecords {
			return AFL{}, &AFLError{"afl.records", i / 4}
		}
	}
	return AFL{entries: value}, nil
}

// Next moves to the next record, in the order in which they are to be read.
func (a *AFL) Next() bool {
	if a.SFI != 0 && a.Record < a.last {
		a.Record++
		a.count()
		return true
	}
	if len(a.entries) == 0 {
		return false
	}
	e := a.entries
	a.SFI, a.Record, a.last, a.signed, a.entries = e[0]>>3, e[1], e[2], e[3], e[4:]
	a.count()
	return true
}

// count uses up one of the file's records for offline data authentication: they are its first ones.
func (a *AFL) count() {
	if a.Signed = a.signed > 0; a.Signed {
		a.signed--
	}
}
