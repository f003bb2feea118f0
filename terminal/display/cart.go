package display

import (
	"crypto/sha256"

	"github.com/cardwright/emv/terminal/canonical"
	"github.com/cardwright/emv/terminal/wire"
)

// maxCarts bounds how many carts' revisions are remembered: a till may park some.
const maxCarts = 32

// carts is the till's cart as far as it got here. The newest revision counts, whatever order they come in.
type carts struct {
	newest *wire.CartSet // what patches build upon
	defect string        // why the newest can't be paid: its code
	shown  *wire.CartSet // nil for none; while a payment is on the screen it stays what it was
	fault  string        // the defect of what is shown
	frozen bool
	last   string // id of the newest, also when it was taken away
	fresh  bool   // the last change brought another cart with something in it, not another revision
	seen   []seen
}

// seen is the highest revision of a cart.
type seen struct {
	id  string
	rev uint64
}

// CartHash is what a payment request must carry: the SHA-256 of the cart's canonical form (RFC 8785).
func CartHash(c *wire.CartSet) ([sha256.Size]byte, error) { return canonical.Hash(c) }

// CartSet takes a whole cart. An older revision than the one that is here changes nothing and is no error. The errors are
// those of wire.CartSet.Check: after E_CART_SUM the cart is not payable, and its screen says so.
func (m *Machine) CartSet(c *wire.CartSet) error {
	err := c.Check()
	if code := faultOf(err); err != nil && code != string(wire.CodeCartSum) {
		return err
	}
	if !m.cart.newer(c.CartID, c.Rev) {
		return nil
	}
	m.cart.take(c, faultOf(err))
	if stepErr := m.Step(cartChanged{}); stepErr != nil {
		return stepErr
	}
	return err
}

// CartPatch takes a change. resync asks the till for the whole cart: this display does not have what is patched.
func (m *Machine) CartPatch(p *wire.CartPatch) (resync bool, err error) {
	if err := p.Check(); err != nil {
		return false, err
	}
	c := m.cart.newest
	if c != nil && c.CartID == p.CartID && p.Rev <= c.Rev {
		return false, nil // late
	}
	if c == nil || c.CartID != p.CartID || c.Rev != p.Base {
		return true, nil
	}
	n, err := p.Apply(c)
	if err != nil {
		return true, err // what the till means is unknown: the whole cart will tell
	}
	m.cart.take(n, "")
	return false, m.Step(cartChanged{})
}

// ShownCart returns the cart that can be paid, and its hash: the one on the screen, or the one that was there when the
// payment began. The error is *Refusal: E_CART_SUM for a cart that does not add up, E_NOT_FOUND for none.
func (m *Machine) ShownCart() (*wire.CartSet, [sha256.Size]byte, error) {
	var none [sha256.Size]byte
	switch {
	case m.cart.shown == nil:
		return nil, none, m.refuse(string(wire.CodeNotFound), "there is no cart")
	case m.cart.fault != "":
		return nil, none, m.refuse(m.cart.fault, "the cart can't be paid")
	}
	h, err := CartHash(m.cart.shown)
	if err != nil {
		return nil, none, m.refuse("E_CART_INVALID", err.Error())
	}
	return m.cart.shown, h, nil
}

func faultOf(err error) string {
	if e, ok := err.(*wire.Error); ok {
		return string(e.Code)
	}
	return ""
}

// newer reports whether a revision is to be taken: the same one again only for a cart that is not on the screen.
func (c *carts) newer(id string, rev uint64) bool {
	here := c.newest != nil && c.newest.CartID == id
	for _, s := range c.seen {
		if s.id == id && (rev < s.rev || rev == s.rev && here) {
			return false
		}
	}
	return true
}

// take makes a cart the newest one.
func (c *carts) take(n *wire.CartSet, fault string) {
	c.fresh = c.last != n.CartID && len(n.Lines) > 0
	c.last = n.CartID
	for i, s := range c.seen {
		if s.id == n.CartID {
			c.seen = append(c.seen[:i], c.seen[i+1:]...)
			break
		}
	}
	if len(c.seen) == maxCarts {
		c.seen = c.seen[1:]
	}
	c.seen = append(c.seen, seen{n.CartID, n.Rev})
	c.newest, c.defect = n, fault
	if !c.frozen {
		c.shown, c.fault = n, fault
	}
}

// visible reports whether there is something for the customer to see: the till's next order begins empty.
func (c *carts) visible() bool { return c.shown != nil && (len(c.shown.Lines) > 0 || c.fault != "") }

// hide takes the cart away; the till sends it again if there is still one.
func (c *carts) hide() {
	c.newest, c.defect, c.fresh = nil, "", false
	if !c.frozen {
		c.shown, c.fault = nil, ""
	}
}

// freeze keeps what the customer is paying for; release shows what came in the meantime.
func (c *carts) freeze() { c.frozen = true }

func (c *carts) release() {
	c.frozen = false
	c.shown, c.fault = c.newest, c.defect
}
