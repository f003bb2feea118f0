package wire

// A list that is there has no null: Encode makes nil lists empty.

func list[T any](s *[]T) {
	if *s == nil {
		*s = []T{}
	}
}

func (h *PairHello) fill()      { list(&h.Networks) }
func (c *PairConfirm) fill()    { c.Hello.fill() }
func (o *PairOK) fill()         { list(&o.Addresses) }
func (h *Hello) fill()          { list(&h.Networks) }
func (w *Welcome) fill()        { list(&w.Addresses) }
func (a *AddrUpdate) fill()     { list(&a.Addresses) }
func (c *CartSet) fill()        { list(&c.Lines) }
func (p *CartPatch) fill()      { list(&p.Ops) }
func (r *PaymentRequest) fill() { list(&r.Entry) }

func (a *PairAnswer) fill() {
	if a.OK != nil {
		a.OK.fill()
	}
}

func (f *PairFirst) fill() {
	if f.Hello != nil {
		f.Hello.fill()
	}
}
