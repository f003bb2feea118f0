package ecc

// Suite is an Algorithm Suite Indicator: which curve and hash a public key is for, and what is done with it.
type Suite byte

// The suites of this package. The two worked examples of Book E, 8.8.7 show '10', an issuer key on P-256, and '00', an
// ICC key on P-256 in a certificate that a key on P-521 signed; '11' follows '10' on that curve, and no public example
// shows it. Suites of other algorithms are not known here.
const (
	SuiteBDH    Suite = 0x00 // P-256, blinded Diffie-Hellman for the secure channel
	SuiteECSDSA Suite = 0x10 // P-256 with SHA-256, signatures
	SuiteP521   Suite = 0x11 // P-521 with SHA-512, signatures
)

// Curve returns the suite's curve. The error is CodeSuite.
func (s Suite) Curve() (Curve, error) {
	switch s {
	case SuiteBDH, SuiteECSDSA:
		return P256, nil
	case SuiteP521:
		return P521, nil
	}
	return 0, refuse(CodeSuite, int(s))
}

// Signs reports whether keys of the suite sign.
func (s Suite) Signs() bool { return s == SuiteECSDSA || s == SuiteP521 }
