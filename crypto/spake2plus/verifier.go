package spake2plus

import (
	"bytes"
	"crypto/hmac"
	"io"

	"github.com/cardwright/emv/crypto/mask"
)

// Verifier is the side that knows the record of the password, in one exchange. It is not for several goroutines at
// once, and prints as "[key]".
type Verifier struct {
	mask.Key
	step    step
	session Session
	record  Record
	shareV  [ShareSize]byte
	keys    keys
}

// NewVerifier makes the side that waits for a prover's share. It copies the record; the session is kept, not copied. The
// error is CodeSecret.
func NewVerifier(record *Record, session Session) (*Verifier, error) {
	if !record.w0.valid() {
		return nil, refuse(CodeSecret)
	}
	return &Verifier{step: begun, session: session, record: *record}, nil
}

// Answer checks the prover's share and answers it, with a fresh y of random. confirmV lets whoever gets it test one
// password: the try is to be counted before the answer leaves. A verifier that refuses is over. The errors are
// CodeSequence, CodeShare and CodeRandom.
func (v *Verifier) Answer(shareP []byte, random io.Reader) (shareV, confirmV []byte, err error) {
	if v.step != begun {
		return nil, nil, refuse(CodeSequence)
	}
	defer func() {
		if err != nil {
			v.Wipe()
		}
	}()
	x, err := unblind(shareP, &v.record.w0, fixed(pointM))
	if err != nil {
		return nil, nil, err
	}
	defer erase(x)
	l, err := point(v.record.l[:])
	if err != nil {
		return nil, nil, refuse(CodeSecret)
	}
	defer erase(l)
	var y scalar
	defer y.wipe()
	if err := y.draw(random); err != nil {
		return nil, nil, err
	}
	if err := share(&v.shareV, &y, &v.record.w0, fixed(pointN)); err != nil {
		return nil, nil, err
	}
	z, err := times(x, &y)
	if err != nil {
		return nil, nil, err
	}
	defer erase(z)
	w, err := times(l, &y)
	if err != nil {
		return nil, nil, err
	}
	defer erase(w)
	if err := v.keys.derive(&v.session, shareP, v.shareV[:], z, w, &v.record.w0); err != nil {
		return nil, nil, err
	}
	v.step = answered
	v.record.Wipe()
	return bytes.Clone(v.shareV[:]), confirmation(&v.keys.confirmV, shareP), nil
}

// Verify checks the prover's confirmation. There is one try. The errors are CodeSequence and CodeConfirm.
func (v *Verifier) Verify(confirmP []byte) error {
	if v.step != answered {
		return refuse(CodeSequence)
	}
	if !hmac.Equal(confirmP, confirmation(&v.keys.confirmP, v.shareV[:])) {
		v.Wipe()
		return refuse(CodeConfirm)
	}
	v.step = confirmed
	return nil
}

// Shared returns K_shared, KeySize bytes, which the caller clears. The error is CodeSequence: Verify has not held.
func (v *Verifier) Shared() ([]byte, error) {
	if v.step != confirmed {
		return nil, refuse(CodeSequence)
	}
	return bytes.Clone(v.keys.shared[:]), nil
}

// Wipe overwrites every secret of the exchange, which is over.
func (v *Verifier) Wipe() { *v = Verifier{} }
