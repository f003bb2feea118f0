package payment

import (
	"encoding/json"
	"time"

	"github.com/cardwright/emv/terminal/journal"
)

// rarely is by how much more the journal has to grow before it is compacted at work: a terminal that is started now and then
// never gets there. 100,000 payments take two seconds, in which a till that asks has to wait.
const rarely = 8

// compactWhenIdle compacts when there is much to gain and nobody is at the terminal.
func (e *Engine) compactWhenIdle() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.active == nil && e.usable() == nil && e.log.Grown() >= rarely*e.config.CompactAt {
		_ = e.compact() // a failure that matters is in the journal's Err, which the next write meets
	}
}

// compact, where there is enough to gain, replaces the journal by one snapshot a payment. Payments that are settled and older
// than Keep are dropped. What is settled stays on the disk only. The lock is held.
func (e *Engine) compact() error {
	if e.log.Grown() < e.config.CompactAt {
		return nil
	}
	old := e.today().Add(-e.config.Keep - maxAhead)
	places := map[*payment]journal.At{}
	err := e.log.Compact(func(keep func(journal.Kind, []byte) (journal.At, error)) error {
		payload, err := json.Marshal(record{STAN: e.book.stan})
		if err != nil {
			return err
		}
		if _, err := keep(recordCounter, payload); err != nil {
			return err
		}
		for _, p := range e.book.all {
			if p.settled() && p.Ended.Before(old) {
				continue
			}
			if places[p], err = e.keep(p, keep); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b := newBook()
	b.stan = e.book.stan
	for _, p := range e.book.all {
		at, kept := places[p]
		if !kept {
			continue
		}
		if p.where = at; p.settled() {
			p.details = nil
		}
		b.add(p)
	}
	e.book = b
	return nil
}

// today is no later than the newest request by its till's clock: what a clock that is ahead drops is paid a second time when
// it is put right. The lock is held.
func (e *Engine) today() time.Time {
	var newest time.Time
	for _, p := range e.book.all {
		if at := timeOf(p.ID); at.After(newest) {
			newest = at
		}
	}
	if now := e.now(); now.Before(newest) {
		return now
	}
	return newest
}

func (e *Engine) keep(p *payment, keep func(journal.Kind, []byte) (journal.At, error)) (journal.At, error) {
	d, err := e.load(p)
	if err != nil {
		return journal.At{}, err
	}
	rec := record{Summary: &p.summary}
	if rec.Details, err = json.Marshal(d); err != nil {
		return journal.At{}, err
	}
	payload, err := json.Marshal(rec)
	if err != nil {
		return journal.At{}, err
	}
	return keep(recordSnapshot, payload)
}
