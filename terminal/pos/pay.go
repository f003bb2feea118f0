package pos

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// NewRequestID makes a ULID: 48 bits of time and 80 of randomness in Crockford's base 32.
func NewRequestID(now time.Time, random io.Reader) (string, error) {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var b [16]byte
	if _, err := io.ReadFull(random, b[6:]); err != nil {
		return "", err
	}
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint16(b[:], uint16(ms>>32))
	binary.BigEndian.PutUint32(b[2:], uint32(ms))
	high, low := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	var text [26]byte
	for i := 25; i >= 0; i-- {
		text[i] = alphabet[low&31]
		low = low>>5 | high<<59
		high >>= 5
	}
	return string(text[:]), nil
}

// silence is how long Pay waits for an answer before it asks what became of the request. An answer takes 200 ms.
const silence = 3 * time.Second

// maxCarts is how often a request is sent again because its cart was not on the screen.
const maxCarts = 3

// maxLeases is how often it is sent again because the lease was of before.
const maxLeases = 2

// Pay takes a payment. RequestID and LeaseEpoch are filled in; the rest is the caller's. If the order has a payment on this
// terminal whose final is not known, and it is the same request, that one is followed to its end; otherwise the error is
// CodeOrderOpen with its id. An order that was paid already is CodeOrderHasOutcome unless ForceAdditional is set.
// E_JOURNAL_DAMAGED leaves the outcome open. The other errors are the terminal's refusals: nothing was charged.
func (t *Terminal) Pay(ctx context.Context, r wire.PaymentRequest) (*wire.Final, error) {
	book := t.register.c.Book
	lease, err := t.TakeLease(ctx, false)
	if err != nil {
		known := book.known(&r)
		if known == nil || code(err) == "" {
			return nil, err
		}
		lease.Epoch = known.Request.LeaseEpoch // another till has the terminal: what became of the order is still this one's
	}
	id, err := NewRequestID(t.register.c.Clock.Now(), t.register.c.Rand)
	if err != nil {
		return nil, err
	}
	r.RequestID, r.LeaseEpoch = id, lease.Epoch
	if err := r.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // whoever has stopped waiting asks for nothing any more
		return nil, err
	}
	open, err := book.begin(Entry{Terminal: t.id, Request: r})
	if err != nil {
		return nil, err
	}
	doubt := open != nil
	asked := r
	if open != nil {
		if open.Terminal != t.id || !same(&open.Request, &r) {
			return nil, &wire.Error{Code: wire.CodeOrderOpen, RequestID: open.Request.RequestID}
		}
		r = open.Request
	}
	f, err := t.follow(ctx, &r, doubt)
	if errors.Is(err, errDropped) { // refused between begin and follow, to somebody else: this is a request of its own
		return t.Pay(ctx, asked)
	}
	return f, err
}

// Resume follows a payment that the book has open, after a restart of the till.
func (t *Terminal) Resume(ctx context.Context, requestID string) (*wire.Final, error) {
	e, ok := t.register.c.Book.Find(requestID)
	if !ok || e.Terminal != t.id {
		return nil, wire.Refuse(wire.CodeNotFound, "not in the book, or of another terminal")
	}
	f, err := t.follow(ctx, &e.Request, true)
	if errors.Is(err, errDropped) {
		return nil, wire.Refuse(wire.CodeNotFound, "it was refused just now")
	}
	return f, err
}

// same reports whether two requests ask for the same.
func same(a, b *wire.PaymentRequest) bool {
	return a.OrderRef == b.OrderRef && a.Kind == b.Kind && a.Amount == b.Amount && a.Currency == b.Currency &&
		a.Reference == b.Reference && a.TipPolicy == b.TipPolicy && a.SurchargePolicy == b.SurchargePolicy
}

// flight is a request that is being followed. Its end is set before done is closed.
type flight struct {
	done  chan struct{}
	final *wire.Final
	err   error
}

// errDropped is a request that is not in the book any more: nothing may be sent under its id.
var errDropped = errors.New("pos: the request was dropped")

// follow brings a request that is in the book to its final. Whoever asks for the same one meanwhile waits and hears the
// same: of two that send it, one would believe its refusal while the other one's is accepted. P1, P2. Who outlives the
// first takes over.
func (t *Terminal) follow(ctx context.Context, r *wire.PaymentRequest, doubt bool) (*wire.Final, error) {
	for {
		t.mu.Lock()
		other := t.flights[r.RequestID]
		if other == nil {
			break
		}
		t.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if _, kept := t.register.c.Book.Find(r.RequestID); other.err == nil || !kept {
			return other.final, other.err
		}
		doubt = true
	}
	f := &flight{done: make(chan struct{})}
	t.flights[r.RequestID] = f
	t.mu.Unlock()
	f.final, f.err = t.ends(ctx, r, doubt)
	t.mu.Lock()
	delete(t.flights, r.RequestID)
	t.mu.Unlock()
	close(f.done)
	return f.final, f.err
}

// ends brings a request to its final. In doubt it asks for the state first: only a terminal that has provably never accepted
// the id is sent the request again. A refusal is believed once the terminal also says that it never accepted the id. Both
// travel in order on one stream, so the answer is about all that was sent before. P2.
//
// A request overtakes its cart, by the pause between carts and because money goes first (P14), and a terminal that lost its
// connection for a moment has taken the cart off its screen: refused for that alone, the same request is sent again once the
// cart is shown. So it is with a lease of before, of a terminal that was started again or was out of its dock, if no other
// till has it now.
func (t *Terminal) ends(ctx context.Context, r *wire.PaymentRequest, doubt bool) (*wire.Final, error) {
	book := t.register.c.Book
	if _, ok := book.Find(r.RequestID); !ok {
		return nil, errDropped
	}
	var refused error
	carts, leases := 0, 0
	for {
		final := t.awaited(r.RequestID)
		if e, ok := book.Find(r.RequestID); ok && e.Final != nil {
			return e.Final, nil
		}
		if err := t.online(ctx); err != nil {
			return nil, err
		}
		change := t.changed()
		var err error
		if doubt {
			err = t.inquire(ctx, r.RequestID)
			switch {
			case code(err) == codeDamaged:
				return nil, &wire.Error{Code: codeDamaged, RequestID: r.RequestID, Detail: "the outcome is open"}
			case code(err) != wire.CodeNotFound:
			case code(refused) == wire.CodeCartMismatch && carts < maxCarts && t.shows(ctx, r.CartHash):
				carts++
				refused, doubt = nil, false
				continue
			case released(refused) && leases < maxLeases && t.renews(ctx, r):
				leases++
				refused, doubt = nil, false
				continue
			case refused != nil:
				t.forget(r.RequestID)
				return nil, errors.Join(refused, book.drop(r.RequestID))
			default:
				doubt = false
				continue
			}
		} else {
			doubt = true
			t.unseen()
			err = t.request(ctx, r)
			if c := code(err); c != "" && c != wire.CodeOverflow {
				refused = err
				continue
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && code(err) == "":
			continue // no answer in time: ask
		}
		select { // accepted: the final comes, or the connection changes and we ask again
		case <-final:
		case <-change:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-t.register.c.Clock.After(longWait):
		}
	}
}

// released reports whether a request was refused because its till's lease had ended.
func released(refused error) bool {
	c := code(refused)
	return c == wire.CodeFenced || c == wire.CodeNoLease
}

// renews gives a request that was never accepted the lease that this till has now, or takes for it if nobody has it. It reports
// false where another till does: the cashier is told, and decides.
func (t *Terminal) renews(ctx context.Context, r *wire.PaymentRequest) bool {
	l, err := t.TakeLease(ctx, false)
	if err != nil || l.Epoch == r.LeaseEpoch || t.register.c.Book.renew(r.RequestID, l.Epoch) != nil {
		return false
	}
	r.LeaseEpoch = l.Epoch
	return true
}

func (t *Terminal) forget(requestID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.finals, requestID)
}

func code(err error) wire.Code {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// awaited returns a channel that is closed when the book has a final.
func (t *Terminal) awaited(requestID string) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.finals[requestID]
	if c == nil {
		c = make(chan struct{})
		t.finals[requestID] = c
	}
	return c
}

// request sends a request and waits for its acceptance.
func (t *Terminal) request(ctx context.Context, r *wire.PaymentRequest) error {
	f, err := t.patient(ctx, wire.TypePay, r)
	if err != nil {
		return err
	}
	var a wire.PaymentAccepted
	if wire.Decode(f.Body, &a) != nil || a.RequestID != r.RequestID {
		return errAnswer
	}
	return nil
}

// inquire asks for the state of a request. A final in the answer is in the book then, or it is the error why not.
func (t *Terminal) inquire(ctx context.Context, requestID string) error {
	f, err := t.patient(ctx, wire.TypePayStatus, &wire.PaymentStatus{RequestID: requestID})
	if err != nil {
		return err
	}
	var s wire.PaymentState
	if wire.Decode(f.Body, &s) != nil || s.RequestID != requestID {
		return errAnswer
	}
	return t.stored(&s)
}

// stored returns an error if the final of an answer is not in the book: receive stores it before the answer is handed on. It
// is never CodeNotFound, by which a terminal says that it has not accepted a request.
func (t *Terminal) stored(s *wire.PaymentState) error {
	if s.Final == nil {
		return nil
	}
	if e, ok := t.register.c.Book.Find(s.RequestID); !ok || e.Terminal != t.id || e.Final == nil {
		return bookFault("write", errNotStored)
	}
	return nil
}

var errNotStored = errors.New("the outcome is known and could not be stored")

// codeDamaged is a terminal that can't say any more what it accepted. Waiting does not help: somebody has to look.
const codeDamaged wire.Code = "E_JOURNAL_DAMAGED"

// patient asks and waits for silence at most.
func (t *Terminal) patient(ctx context.Context, kind wire.Type, v wire.Body) (wire.Frame, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	late := t.register.c.Clock.After(silence)
	go func() {
		select {
		case <-late:
			cancel()
		case <-done:
		}
	}()
	return t.ask(ctx, kind, v)
}

// Status asks what became of a request. A final in it is stored and acknowledged. CodeNotFound: it was never accepted.
func (t *Terminal) Status(ctx context.Context, requestID string) (*wire.PaymentState, error) {
	f, err := t.ask(ctx, wire.TypePayStatus, &wire.PaymentStatus{RequestID: requestID})
	if err != nil {
		return nil, err
	}
	var s wire.PaymentState
	if err := wire.Decode(f.Body, &s); err != nil {
		return nil, err
	}
	if err := t.stored(&s); err != nil {
		return nil, err
	}
	return &s, nil
}

// Cancel asks to end a payment. Its answer says whether it was in time; Pay returns the final in any case. S49, P15.
// CodeNotFound is a request that was never accepted: unless Pay or Resume waits for it, the book has it no more, and it is not
// sent again.
func (t *Terminal) Cancel(ctx context.Context, requestID, reason string) (*wire.CancelResult, error) {
	lease, err := t.TakeLease(ctx, false)
	if err != nil {
		return nil, err
	}
	f, err := t.ask(ctx, wire.TypePayCancel, &wire.PaymentCancel{RequestID: requestID, Reason: reason, LeaseEpoch: lease.Epoch})
	if code(err) == wire.CodeNotFound {
		err = errors.Join(err, t.never(requestID))
	}
	if err != nil {
		return nil, err
	}
	var c wire.CancelResult
	return &c, wire.Decode(f.Body, &c)
}

// never drops a request that the terminal has not accepted, and that nobody is about to send.
func (t *Terminal) never(requestID string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.register.c.Book.Find(requestID); !ok || e.Terminal != t.id || t.flights[requestID] != nil {
		return nil
	}
	return t.register.c.Book.drop(requestID)
}
