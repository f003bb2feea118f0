package payment

// recover ends what a loss of power interrupted, before anybody can ask. Nothing prompts: a till has to ask again.
//
//	ACCEPTED, PROMPTING, CARD_IN   Final failed, nothing was sent
//	COMMIT                         the same; a void, capture or adjustment goes to its chain
//	AUTH_SENT                      REVERSAL_DUE, Final when it is acknowledged, or after Grace
//	HOST_ANSWERED approved         a chip that was inserted: reversal; a tap or a stripe: approved
//	HOST_ANSWERED declined         Final declined
//	GAC2_DONE                      Final from the record
//	REVERSAL_DUE before the Final  as it was going to be
//	FINAL                          is told until it is acknowledged
//	SAF_STORED before the Final    approved, as it was going to be
//	REVERSAL_*, SAF_*              the chain goes on
//
// The lock is held.
func (e *Engine) recover() error {
	live := append([]*payment(nil), e.book.live...)
	for _, p := range live {
		if p.finished() {
			left := e.config.Unclaimed - e.now().Sub(p.Ended)
			e.unclaimed(p, min(max(0, left), e.config.Unclaimed)) // the clock may be behind
			continue
		}
		if err := e.resume(p); err != nil {
			return err
		}
	}
	return e.compact()
}

// resume ends one payment, or leaves it to its chain.
func (e *Engine) resume(p *payment) error {
	switch {
	case p.Offline:
		return e.finish(p, e.final(p, Approved, CodeApprovedAlone))
	case p.State < Commit, p.State == Commit && !p.Kind.background():
		return e.end(p, Failed, CodePowerLoss)
	case p.Kind.background():
		if p.Sending == NoState {
			d, err := e.load(e.book.original(p))
			if err != nil {
				return err
			}
			return e.handOver(p, d)
		}
		if !p.Sending.pending() {
			return e.answered(p)
		}
		return nil // its chain goes on
	case p.Due == nil && e.unknown(p):
		if err := e.reverse(p, PowerLoss, Failed, CodeReversed); err != nil {
			return err
		}
	}
	if p.Due != nil && p.Due.Reason == PowerLoss && p.Sending.pending() {
		e.wait(p)
		return nil
	}
	return e.settle(p, e.standsWithoutCard(p))
}

// unknown reports whether a payment has to be undone because nobody knows how it went on: the host may have heard of it, or
// it approved and a chip was going to be asked.
func (e *Engine) unknown(p *payment) bool {
	return p.State == AuthSent ||
		p.State == HostAnswered && !p.Unsent && p.Answer.approved(p.Amounts.Total) && !p.Reverse && !e.standsWithoutCard(p)
}

// wait gives a payment that is being reversed after a loss of power its Final when Grace is over: the reversal goes on.
func (e *Engine) wait(p *payment) {
	e.show(p, AboutRecovering, CodePowerLoss)
	e.after(e.config.Grace, func() {
		if p.stuck() {
			f := *p.Due.Then
			f.Code, f.At = CodeReversalWaits, e.now()
			_ = e.finish(p, &f)
		}
	})
}
