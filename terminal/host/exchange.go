package host

import (
	"context"
	"errors"
	"time"
)

// Authorise asks for an authorisation (0100).
//
// The error is an *Error. Where its Sent is false nothing has left the terminal and nothing is to be reversed; otherwise
// nobody knows what the host did: reverse.
func (c *Client) Authorise(ctx context.Context, r *Request) (*Answer, error) {
	return c.once(ctx, OpAuthorise, false, r)
}

// Financial asks for a financial transaction (0200). Errors are those of Authorise.
func (c *Client) Financial(ctx context.Context, r *Request) (*Answer, error) {
	return c.once(ctx, OpFinancial, false, r)
}

// Advice tells of what has happened (0220); a repeat is a 0221. Any error: not acknowledged.
func (c *Client) Advice(ctx context.Context, r *Request, repeat bool) (*Answer, error) {
	return c.once(ctx, OpAdvice, repeat, r)
}

// Reverse undoes the request that r.Original names (0400 or 0420); a repeat is a 0401 or 0421. Any error: not acknowledged.
func (c *Client) Reverse(ctx context.Context, r *Request, repeat bool) (*Answer, error) {
	if r.Original == nil {
		return nil, &Error{Code: CodeMissing, Field: fieldOriginal, Text: "a reversal of nothing"}
	}
	return c.once(ctx, OpReverse, repeat, r)
}

// once sends one message and waits for its answer.
func (c *Client) once(ctx context.Context, o Operation, repeat bool, r *Request) (*Answer, error) {
	m, err := c.dialect.Message(o, repeat, c.own, r)
	if err != nil {
		return nil, err
	}
	return c.exchange(ctx, m)
}

// exchange sends a message, and waits for the answer.
func (c *Client) exchange(ctx context.Context, m *Message) (*Answer, error) {
	p, done, err := c.begin(m)
	if err != nil {
		return nil, err
	}
	defer done()
	return c.try(ctx, p, m)
}

// begin prepares for the answers to a message. done ends it.
func (c *Client) begin(m *Message) (*pending, func(), error) {
	p := &pending{keys: &MACKeys{}, answer: make(chan reply, 1)}
	k := call{m.MTI.Answer(), m.Text(fieldSTAN)}
	if err := c.register(k, p); err != nil {
		return nil, nil, err
	}
	done := func() {
		c.forget(k)
		p.end()
	}
	if err := c.dialect.NextKeys(p.keys, c.config.Keys, c.config.Label); err != nil {
		done()
		return nil, nil, err
	}
	return p, done, nil
}

// send builds a message, with its MAC, and sends it. heard is what had come on the connection before.
func (c *Client) send(ctx context.Context, p *pending, m *Message) (l *link, heard uint64, err error) {
	b, err := c.dialect.Authenticate(m, p.keys)
	if err != nil {
		return nil, 0, err
	}
	if l, err = c.connect(ctx); err != nil {
		return nil, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, &Error{Code: CodeContext, Err: err}
	}
	p.mu.Lock()
	p.tries = append(p.tries, m)
	p.mu.Unlock()
	until := time.Now().Add(c.config.Timeout)
	if t, ok := ctx.Deadline(); ok && t.Before(until) {
		until = t
	}
	heard = l.heard.Load()
	if err := l.send(b, until); err != nil {
		return nil, 0, &Error{Code: CodeLost, Sent: true, Err: err}
	}
	c.config.Events(Event{Kind: Sent, MTI: m.MTI, STAN: m.Text(fieldSTAN)})
	return l, heard, nil
}

// await waits for the answer to what was sent: until the connection breaks, the time is over or ctx ends.
func (c *Client) await(ctx context.Context, l *link, p *pending, m *Message, within time.Duration) (*Answer, error) {
	began := time.Now()
	e := Event{Kind: NoAnswer, MTI: m.MTI, STAN: m.Text(fieldSTAN)}
	select {
	case r := <-p.answer:
		return c.answered(r, began)
	default:
	}
	var fault *Error
	select {
	case r := <-p.answer:
		return c.answered(r, began)
	case <-l.dead:
		fault = &Error{Code: CodeLost, Sent: true, Err: l.err}
		select { // what was read before the connection broke counts
		case r := <-p.answer:
			return c.answered(r, began)
		default:
		}
	case <-c.config.After(within):
		fault = &Error{Code: CodeNoAnswer, Sent: true}
	case <-ctx.Done():
		fault = &Error{Code: CodeContext, Sent: true, Err: ctx.Err()}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			fault.Code = CodeNoAnswer
		}
	}
	e.Err = fault
	c.config.Events(e)
	return nil, fault
}

func (c *Client) answered(r reply, began time.Time) (*Answer, error) {
	a, err := c.dialect.Answer(r.request, r.answer)
	if err == nil {
		c.config.Events(Event{
			Kind: Answered, MTI: a.MTI, STAN: r.answer.Text(fieldSTAN), Code: a.Code, Took: time.Since(began),
		})
	}
	return a, err
}

// Insist sends an advice or a reversal, and repeats it until the host has acknowledged it or ctx ends: each time later, with
// the next message type, and with one STAN and one DUKPT transaction, so that an answer to any try counts whenever it comes.
// Answers by which nobody could decide (Unavailable) are no acknowledgement. repeat says that the first one is a repeat
// already.
//
// The errors are those of Reverse, of the last try, or of ctx.
func (c *Client) Insist(ctx context.Context, o Operation, r *Request, repeat bool) (*Answer, error) {
	if o != OpAdvice && o != OpReverse || o == OpReverse && r.Original == nil {
		return nil, &Error{Code: CodeMTI, Text: "advices and reversals are repeated, and nothing else"}
	}
	m, err := c.dialect.Message(o, repeat, c.own, r)
	if err != nil {
		return nil, err
	}
	p, done, err := c.begin(m)
	if err != nil {
		return nil, err
	}
	defer done()
	for n := 1; ; n++ {
		a, err := c.try(ctx, p, m)
		switch {
		case err == nil && a.Action != Unavailable:
			return a, nil
		case ctx.Err() != nil, errors.Is(err, &Error{Code: CodeClosed}), final(err):
			return a, err
		}
		if err == nil {
			p.again()
		}
		if a, err = c.pause(ctx, p, n); a != nil || err != nil {
			return a, err
		}
		sent := p.sent()
		if m, err = c.dialect.Message(o, repeat || sent, c.own, r); err != nil {
			return nil, err
		}
		c.config.Events(Event{Kind: Repeated, MTI: m.MTI, STAN: m.Text(fieldSTAN)})
	}
}

// final reports whether an error will be the same at the next try: the message itself is wrong.
func final(err error) bool {
	var e *Error
	return errors.As(err, &e) && !e.Sent && e.Code != CodeConnect && e.Code != CodePin && e.Code != CodeContext
}

func (p *pending) sent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.tries) > 0
}

func (c *Client) try(ctx context.Context, p *pending, m *Message) (*Answer, error) {
	l, heard, err := c.send(ctx, p, m)
	if err != nil {
		return nil, err
	}
	a, err := c.await(ctx, l, p, m, c.config.Timeout)
	if errors.Is(err, &Error{Code: CodeNoAnswer}) && l.heard.Load() == heard {
		c.retire(l) // not a word: nobody may be at the other end any more
	}
	return a, err
}

// pause waits before a repeat. A late answer ends it.
func (c *Client) pause(ctx context.Context, p *pending, n int) (*Answer, error) {
	select {
	case r := <-p.answer:
		a, err := c.answered(r, time.Now())
		if err == nil && a.Action == Unavailable {
			p.again()
			return nil, nil
		}
		return a, err
	case <-c.config.After(c.config.Pause(n)):
		return nil, nil
	case <-c.life.Done():
		return nil, &Error{Code: CodeClosed, Sent: p.sent()}
	case <-ctx.Done():
		return nil, &Error{Code: CodeContext, Sent: p.sent(), Err: ctx.Err()}
	}
}
