package pos

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// cartPause is the time between two carts: at most ten a second. P32.
const cartPause = 100 * time.Millisecond

// SendCart shows a cart, now or when the terminal is there. It does not wait; of several carts the newest counts, until it
// is paid for with its hash. The errors are those of the cart's Check, and CodeTooLarge for one that no frame can carry.
func (t *Terminal) SendCart(c *wire.CartSet) error {
	if err := c.Check(); err != nil {
		return err
	}
	n := *c
	n.Lines, n.Taxes, n.Discounts = slices.Clone(c.Lines), slices.Clone(c.Taxes), slices.Clone(c.Discounts)
	body, err := wire.Encode(&n)
	if err == nil && len(body) > session.MaxBody {
		err = wire.Refuse(wire.CodeTooLarge, "a cart of %d bytes", len(body))
	}
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.cart = &n
	t.mu.Unlock()
	poke(t.newCart)
	return nil
}

// showCarts sends the newest cart, at most one in cartPause. It asks for the lease if nobody has it, and sends nothing
// while another till does.
func (t *Terminal) showCarts(ctx context.Context, l *session.Link) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.newCart:
		}
		t.mu.Lock()
		c := t.cart
		t.mu.Unlock()
		if c == nil {
			continue
		}
		if _, err := t.TakeLease(ctx, false); err != nil {
			if ctx.Err() == nil {
				t.register.event(Event{Terminal: t.id, Refused: refusal(err)})
			}
			continue
		}
		t.mu.Lock()
		c = t.cart
		t.mu.Unlock()
		_ = l.Notify(wire.TypeCartSet, "", c) // lost with the connection: the next one sends it again
		select {
		case <-ctx.Done():
			return
		case <-t.register.c.Clock.After(cartPause):
		}
	}
}

// unseen forgets what the terminal said that it shows: it may take that away.
func (t *Terminal) unseen() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = nil
}

// shows has the terminal show the cart of a request and waits, for silence at most, until it says that it does. It reports
// false at once if that is not the cart that was sent last: then the request is for something else.
func (t *Terminal) shows(ctx context.Context, hash []byte) bool {
	late := t.register.c.Clock.After(silence)
	for first := true; ; first = false {
		t.mu.Lock()
		mine, is, said := t.newest(hash), bytes.Equal(t.shown, hash), t.said
		t.mu.Unlock()
		if !mine || is {
			return mine
		}
		if first {
			poke(t.newCart)
		}
		select {
		case <-said:
		case <-late:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// newest reports whether a hash is that of the cart that was sent last. The lock is held.
func (t *Terminal) newest(hash []byte) bool {
	if t.cart == nil {
		return false
	}
	h, err := canonical.Hash(t.cart)
	return err == nil && bytes.Equal(hash, h[:])
}
