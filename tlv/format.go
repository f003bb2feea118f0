package tlv

// Format is how the value of a data object is written (Book 3, 4.3). It decides on which side a DOL pads and cuts.
type Format uint8

// The formats of Book 3, 4.3. FormatUnknown is that of a tag the terminal does not know.
const (
	FormatUnknown         Format = iota
	Alphabetic                   // a: A-Z, a-z, one byte a character
	Alphanumeric                 // an: A-Z, a-z, 0-9
	AlphanumericSpecial          // ans: the characters of ISO/IEC 8859
	Binary                       // b: a number or a string of bits
	CompressedNumeric            // cn: two digits a byte, left justified, padded with 'F' on the right
	Numeric                      // n: two digits a byte, right justified, padded with '0' on the left
	Variable                     // var.: any string of bytes
	TemplateOfDataObjects        // a constructed data object
	formatCount           = iota // how many there are
)

var formatNames = [formatCount]string{"unknown", "a", "an", "ans", "b", "cn", "n", "var", "template"}

// String returns the abbreviation of Book 3, 4.3.
func (f Format) String() string {
	if int(f) < len(formatNames) {
		return formatNames[f]
	}
	return "unknown"
}
