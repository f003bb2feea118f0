package capk

// Date is a date YYMMDD, two decimal digits a byte, as the terminal keeps it in tag 9A.
type Date [3]byte

// Valid reports whether all six digits are decimal, the month is 1 to 12 and the day 1 to 31.
func (d Date) Valid() bool {
	for _, b := range d {
		if b>>4 > 9 || b&0x0F > 9 {
			return false
		}
	}
	return d[1] >= 0x01 && d[1] <= 0x12 && d[2] >= 0x01 && d[2] <= 0x31
}

// Before reports whether d is an earlier day than o. Both must be valid.
func (d Date) Before(o Date) bool { return d.order() < o.order() }

// order is a number that grows with the date. Years 00 to 49 are 2000 to 2049, years 50 to 99 are 1950 to 1999
// (Book 4, 6.7.3). Digits keep their order when read as hexadecimal.
func (d Date) order() int {
	century := 0x20
	if d[0] >= 0x50 {
		century = 0x19
	}
	return century<<24 | int(d[0])<<16 | int(d[1])<<8 | int(d[2])
}
