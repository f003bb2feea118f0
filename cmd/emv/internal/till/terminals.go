package till

import (
	"context"
	"errors"
	"runtime"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
)

// Pairing is how far the pairing with a terminal has come.
type Pairing struct {
	State    string      `json:"state"` // "", "working", "paired", "failed"
	Terminal string      `json:"terminal,omitempty"`
	Name     string      `json:"name,omitempty"`
	Words    []string    `json:"words,omitempty"`  // both screens show the same
	Digits   string      `json:"digits,omitempty"` // and so with these
	Error    *wire.Error `json:"error,omitempty"`
}

// Pair pairs with the terminal whose code was scanned. The errors are those of pairing.Join, and CodePermission where the
// platform keeps the app from the local network.
func (t *Till) Pair(ctx context.Context, text string) (*pairing.Paired, error) {
	return t.pair(func() (*pairing.Paired, error) { return t.register.Pair(ctx, text) })
}

// codeAddress is the refusal of an address that is none.
const codeAddress wire.Code = "E_ADDRESS"

// PairCode pairs with the terminal at an address whose eight digits were typed. The errors are those of pairing.JoinCode,
// but E_ADDRESS for an address that is none, and CodePermission as for Pair.
func (t *Till) PairCode(ctx context.Context, address, code string) (*pairing.Paired, error) {
	return t.pair(func() (*pairing.Paired, error) {
		p, err := t.register.PairCode(ctx, address, code)
		var e *wire.Error
		if errors.As(err, &e) && e.Code == wire.CodeFormat { // its text is of what was scanned
			err = &wire.Error{Code: codeAddress, Err: e}
		}
		return p, err
	})
}

func (t *Till) pair(join func() (*pairing.Paired, error)) (*pairing.Paired, error) {
	t.mu.Lock()
	if t.pairing.State == "working" {
		t.mu.Unlock()
		return nil, wire.Refuse("E_STATE", "another pairing is under way")
	}
	t.pairing = Pairing{State: "working"}
	t.changed()
	t.mu.Unlock()
	paired, err := join()
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.changed()
	if err != nil {
		var e *wire.Error
		if !errors.As(err, &e) {
			e = &wire.Error{Code: wire.CodeUnreachable, Err: err}
		}
		if c := pos.Advise(runtime.GOOS, err); c != e.Code {
			e = &wire.Error{Code: c, Detail: e.Detail, Err: e}
		}
		t.pairing = Pairing{State: "failed", Error: e}
		return nil, e
	}
	t.pairing = Pairing{
		State: "paired", Terminal: paired.Record.ID, Name: paired.Record.Name, Words: paired.Confirmation.Words[:],
		Digits: paired.Confirmation.Digits,
	}
	if len(t.sale.Items) > 0 {
		t.showCart()
	}
	return paired, nil
}

// refusePicture notes a picture in which there is no code.
func (t *Till) refusePicture(err *wire.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairing = Pairing{State: "failed", Error: err}
	t.changed()
}

// PairingDone ends the wizard. S45
func (t *Till) PairingDone() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pairing.State != "working" {
		t.pairing = Pairing{}
		t.changed()
	}
}

// SetDefault chooses the terminal that is used unless another is named. S46
func (t *Till) SetDefault(id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.changed()
	return t.register.SetDefault(id)
}

// Choose chooses the terminal for this till's sales, "" for the default, and moves the cart there. S91
func (t *Till) Choose(id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id != "" {
		if _, err := t.register.Terminal(id); err != nil {
			return err
		}
	}
	if p := t.active; p != nil && !p.Done {
		return &wire.Error{Code: wire.CodeOrderOpen, RequestID: p.RequestID}
	}
	if len(t.sale.Items) > 0 && t.chosen != id {
		if old, err := t.register.Terminal(t.chosen); err == nil {
			empty := Sale{Order: t.sale.Order, Rev: t.sale.Rev}
			n := t.sale
			n.Rev++
			if err := t.state.write("sale.json", saleFile{Next: t.number(), Sale: n}); err != nil {
				return err
			}
			empty.Rev, t.sale = n.Rev, n
			_ = old.SendCart(empty.cart(t.market()))
		}
	}
	t.chosen, t.notice = id, nil
	if len(t.sale.Items) > 0 {
		t.showCart()
	}
	t.changed()
	return nil
}

// Lease takes the lease of a terminal, from another till where takeOver is set, or gives it back. P13
func (t *Till) Lease(ctx context.Context, id string, takeOver, give bool) error {
	term, err := t.register.Terminal(id)
	if err != nil {
		return err
	}
	for _, i := range t.register.List() {
		if i.ID == term.ID() && i.State == "offline" {
			return wire.Refuse("E_NOT_CONNECTED", "%s", i.Name)
		}
	}
	if give {
		err = term.GiveLease(ctx)
	} else if _, err = term.TakeLease(ctx, takeOver); err == nil {
		t.mu.Lock()
		t.notice = nil
		if len(t.sale.Items) > 0 {
			t.showCart()
		}
		t.mu.Unlock()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed()
	return err
}

// Forget ends the pairing with a terminal on this side. A payment that begins there is not in the book yet: it would be waited
// for in vain.
func (t *Till) Forget(id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.active; p != nil && !p.Done && p.Terminal == id {
		return &wire.Error{Code: wire.CodeOrderOpen, RequestID: p.RequestID}
	}
	if err := t.register.Forget(id); err != nil {
		return err
	}
	if t.chosen == id {
		t.chosen = ""
	}
	delete(t.offline, id)
	delete(t.shown, id)
	delete(t.leases, id)
	t.changed()
	return nil
}
