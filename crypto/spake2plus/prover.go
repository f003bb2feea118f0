package spake2plus

import (
	"bytes"
	"crypto/hmac"
	"io"

	"github.com/cardwright/emv/crypto/mask"
)

// step is how far an exchange is.
type step uint8

const (
	over      step = iota // of the zero value, after a refusal and after Wipe
	begun                 // the prover's share is made, or awaited
	answered              // the verifier has answered
	confirmed             // both shares and the other side's confirmation are checked
)

// Prover is the side that knows the password, in one exchange. It is not for several goroutines at once, and prints as
// "[key]".
type Prover struct {
	mask.Key
	step    step
	session Session
	secrets Secrets
	x       scalar
	share   [ShareSize]byte
	keys    keys
}

// NewProver begins an exchange with a fresh x of random. It copies the secrets; the session is kept, not copied. The
// errors are CodeSecret and CodeRandom.
func NewProver(secrets *Secrets, session Session, random io.Reader) (*Prover, error) {
	if !secrets.valid() {
		return nil, refuse(CodeSecret)
	}
	p := &Prover{step: begun, session: session, secrets: *secrets}
	if err := p.x.draw(random); err != nil {
		p.Wipe()
		return nil, err
	}
	if err := share(&p.share, &p.x, &p.secrets.w0, fixed(pointM)); err != nil {
		p.Wipe()
		return nil, err
	}
	return p, nil
}

// Share returns shareP, which the prover sends first.
func (p *Prover) Share() []byte { return bytes.Clone(p.share[:]) }

// Confirm checks the verifier's answer and returns confirmP, which proves to it that the password is known. A prover
// that refuses is over: a second answer would be a second guess. The errors are CodeSequence, CodeShare and CodeConfirm.
func (p *Prover) Confirm(shareV, confirmV []byte) (confirmP []byte, err error) {
	if p.step != begun {
		return nil, refuse(CodeSequence)
	}
	defer func() {
		if err != nil {
			p.Wipe()
		}
	}()
	y, err := unblind(shareV, &p.secrets.w0, fixed(pointN))
	if err != nil {
		return nil, err
	}
	defer erase(y)
	z, err := times(y, &p.x)
	if err != nil {
		return nil, err
	}
	defer erase(z)
	v, err := times(y, &p.secrets.w1)
	if err != nil {
		return nil, err
	}
	defer erase(v)
	if err := p.keys.derive(&p.session, p.share[:], shareV, z, v, &p.secrets.w0); err != nil {
		return nil, err
	}
	if !hmac.Equal(confirmV, confirmation(&p.keys.confirmV, p.share[:])) {
		return nil, refuse(CodeConfirm)
	}
	p.step = confirmed
	p.x.wipe()
	p.secrets.Wipe()
	return confirmation(&p.keys.confirmP, shareV), nil
}

// Shared returns K_shared, KeySize bytes, which the caller clears. The error is CodeSequence: Confirm has not held.
func (p *Prover) Shared() ([]byte, error) {
	if p.step != confirmed {
		return nil, refuse(CodeSequence)
	}
	return bytes.Clone(p.keys.shared[:]), nil
}

// Wipe overwrites every secret of the exchange, which is over.
func (p *Prover) Wipe() { *p = Prover{} }
