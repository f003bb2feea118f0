package kernel

// OnlineAnswer is what came back from the issuer, as the acquirer's message carries it.
type OnlineAnswer struct {
	Unable     bool    // no answer came: unable to go online. All else is empty then
	ARC        [2]byte // Authorisation Response Code (8A), two characters: "00"
	AuthCode   []byte  // Authorisation Code (89), up to 6 characters; nil if none
	IssuerAuth []byte  // Issuer Authentication Data (91), 8 to 16 bytes; nil if none
	Scripts    []byte  // issuer script templates 71 and 72, as they came, one after the other; nil if none
}

// Approved reports whether the issuer said yes: ARC 00, 10 or 11 (Book 4, 12.2.1 and ISO 8583 response codes: approved,
// partially approved, approved VIP).
func (a *OnlineAnswer) Approved() bool {
	if a.Unable {
		return false
	}
	switch a.ARC {
	case [2]byte{'0', '0'}, [2]byte{'1', '0'}, [2]byte{'1', '1'}:
		return true
	}
	return false
}

// HasEMVData reports whether the answer holds anything for the card: Issuer Authentication Data or a script (Book A, table
// 6-1).
func (a *OnlineAnswer) HasEMVData() bool {
	return a != nil && (len(a.IssuerAuth) > 0 || len(a.Scripts) > 0)
}
