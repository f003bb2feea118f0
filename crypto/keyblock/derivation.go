package keyblock

// Derivation is a key that may be derived from a derivation key. ANSI X9.143, 6.3.6.
type Derivation struct {
	Usage         Usage
	Algorithm     Algorithm
	Mode          Mode
	Exportability Exportability
}

const (
	derivationsVersion = "01"
	derivationLen      = 5 // characters
)

// Derivations makes the block DA, derivations allowed: a key of usage B3 may derive these keys and no others.
func Derivations(list ...Derivation) OptionalBlock {
	data := derivationsVersion
	for _, d := range list {
		data += string(d.Usage) + string(d.Algorithm) + string(d.Mode) + string(d.Exportability)
	}
	return OptionalBlock{ID: BlockDerivations, Data: data}
}

// Derivations reads the block DA.
func (h *Header) Derivations() ([]Derivation, error) {
	s, err := h.find(BlockDerivations)
	if err != nil {
		return nil, err
	}
	if len(s) < 2 || s[:2] != derivationsVersion || (len(s)-2)%derivationLen != 0 {
		return nil, badBlock(BlockDerivations)
	}
	var list []Derivation
	for s = s[2:]; s != ""; s = s[derivationLen:] {
		list = append(list, Derivation{Usage(s[:2]), Algorithm(s[2:3]), Mode(s[3:4]), Exportability(s[4:5])})
	}
	return list, nil
}

// AllowDerivation returns nil where a key with that header may derive a key: Allow says so for OpDerive, and the block DA,
// where there is one, lists exactly that key. The error is CodeForbidden.
func (h *Header) AllowDerivation(of Derivation) error {
	if err := h.Allow(OpDerive); err != nil {
		return err
	}
	if _, ok := h.Find(BlockDerivations); !ok {
		return nil
	}
	list, err := h.Derivations()
	if err != nil {
		return err
	}
	for _, d := range list {
		if d == of {
			return nil
		}
	}
	return &Error{Code: CodeForbidden, Field: string(BlockDerivations)}
}

// KeyLife says how long a key pair lives. ANSI X9.143, 6.3.6.
type KeyLife string

// The lives.
const (
	Ephemeral KeyLife = "00" // for one exchange
	Static    KeyLife = "01"
)

const keyLifeVersion = "01"

// Block makes the block AL.
func (l KeyLife) Block() OptionalBlock {
	return OptionalBlock{ID: BlockKeyLife, Data: keyLifeVersion + string(l)}
}

// KeyLife reads the block AL.
func (h *Header) KeyLife() (KeyLife, error) {
	s, err := h.find(BlockKeyLife)
	if err != nil {
		return "", err
	}
	for _, l := range []KeyLife{Ephemeral, Static} {
		if s == keyLifeVersion+string(l) {
			return l, nil
		}
	}
	return "", badBlock(BlockKeyLife)
}

// Pedigree says what a key was wrapped with in its life. ANSI X9.143, 6.3.6.
type Pedigree string

// The pedigrees.
const (
	PedigreeStrong     Pedigree = "0" // by keys that are at least as strong, always
	PedigreeWeaker     Pedigree = "1" // by a weaker key at some time
	PedigreeAsymmetric Pedigree = "2" // by an asymmetric key that is as strong, but may fall to quantum computers
	PedigreeBoth       Pedigree = "3" // by a weaker asymmetric key
)

const pedigreeVersion = "00"

// Block makes the block WP.
func (p Pedigree) Block() OptionalBlock {
	return OptionalBlock{ID: BlockPedigree, Data: pedigreeVersion + string(p)}
}

// Pedigree reads the block WP.
func (h *Header) Pedigree() (Pedigree, error) {
	s, err := h.find(BlockPedigree)
	if err != nil {
		return "", err
	}
	if len(s) != 3 || s[:2] != pedigreeVersion || s[2] < '0' || s[2] > '3' {
		return "", badBlock(BlockPedigree)
	}
	return Pedigree(s[2:]), nil
}
