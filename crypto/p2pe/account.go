package p2pe

import "strings"

// The lengths of a PAN in digits. ISO/IEC 7812-1, 4.
const (
	minPAN = 8
	maxPAN = 19
)

// Account is what stays readable of a PAN: for the receipt, the display, the journal and the routing of the message.
type Account struct {
	Masked string `json:"masked"`        // "476173******0010"
	BIN    string `json:"bin,omitempty"` // the first digits; empty where too few would stay hidden
	Last4  string `json:"last4"`
}

// BINLength is how many of the first digits stay readable.
type BINLength int

// The lengths. Eight are shown of PANs of 16 digits and more only, else six. PCI DSS 4.0.1, 3.4.1, and the payment brands'
// tables that it refers to.
const (
	BIN6 BINLength = 6
	BIN8 BINLength = 8
)

// leastHidden is how many digits stay hidden at least: a PAN too short for that shows no BIN.
const leastHidden = 3

// ReadableOf returns what stays readable of a PAN of 8 to 19 ASCII digits. The errors are CodePAN and CodeBIN.
func ReadableOf(pan []byte, n BINLength) (Account, error) {
	if n != BIN6 && n != BIN8 {
		return Account{}, &Error{Code: CodeBIN}
	}
	if !isPAN(pan) {
		return Account{}, &Error{Code: CodePAN}
	}
	bin := int(n)
	if len(pan) < 16 {
		bin = int(BIN6)
	}
	if len(pan)-bin-4 < leastHidden {
		bin = 0
	}
	a := Account{BIN: string(pan[:bin]), Last4: string(pan[len(pan)-4:])}
	a.Masked = a.BIN + strings.Repeat("*", len(pan)-bin-4) + a.Last4
	return a, nil
}

func isPAN(pan []byte) bool {
	if len(pan) < minPAN || len(pan) > maxPAN {
		return false
	}
	for _, d := range pan {
		if d < '0' || d > '9' {
			return false
		}
	}
	return true
}
