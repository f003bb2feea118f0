package pairing

import (
	"crypto/hmac"
	"sync"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

const (
	tries     = 3 // wrong proofs after which a code is erased
	maxOffers = 32
)

// offer is one code that was shown. After its end only its id stays, to tell used from forged.
type offer struct {
	id      [8]byte
	secret  Secret
	expires time.Time
	wrong   int
	end     wire.Code // why it is over, "" while it lives
}

func (o *offer) over(why wire.Code) {
	o.secret.Wipe()
	o.end = why
}

// offers are the codes of one terminal: those that live, and the last ones that do not.
type offers struct {
	mu       sync.Mutex
	terminal TerminalID
	list     []*offer
}

func (o *offers) add(s *Secret, expires time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := &offer{secret: *s, expires: expires}
	copy(n.id[:], codeID(s, o.terminal))
	if len(o.list) == maxOffers {
		o.list[0].secret.Wipe()
		o.list = append(o.list[:0], o.list[1:]...)
	}
	o.list = append(o.list, n)
}

// prove checks a till's proof, and spends the code if it holds: of two tills that race one gets here first. It returns
// the terminal's own proof. The errors are CodeUsed, CodeSpoiled, CodeExpired and CodeForged.
func (o *offers) prove(h *wire.PairHello, e, spki []byte, now time.Time) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var f *offer
	for _, c := range o.list {
		if hmac.Equal(c.id[:], h.CodeID) {
			f = c
		}
	}
	if f == nil {
		return nil, wire.Refuse(wire.CodeForged, "no code of this terminal")
	}
	if f.end == "" && !now.Before(f.expires) {
		f.over(wire.CodeExpired)
	}
	if f.end != "" {
		return nil, wire.Refuse(f.end, "this code is over")
	}
	// The key in the message must be the one that TLS has seen: the proof is about it.
	if !hmac.Equal(h.PosSPKI, spki) || !hmac.Equal(h.MACP, macP(&f.secret, e, spki, o.terminal)) {
		if f.wrong++; f.wrong == tries {
			f.over(wire.CodeSpoiled)
		}
		return nil, wire.Refuse(wire.CodeForged, "the proof does not hold")
	}
	t := macT(&f.secret, e, h.MACP)
	f.over(wire.CodeUsed)
	return t, nil
}

// expire erases what is past its time, so that no secret waits for a till that never comes.
func (o *offers) expire(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.list {
		if f.end == "" && !now.Before(f.expires) {
			f.over(wire.CodeExpired)
		}
	}
}

// endAll erases every secret.
func (o *offers) endAll(why wire.Code) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.list {
		if f.end == "" {
			f.over(why)
		}
	}
}

// spoiled reports whether the newest code is over: a new one must be drawn.
func (o *offers) spoiled() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.list) > 0 && o.list[len(o.list)-1].end != ""
}
