package runner

import (
	"context"
	"errors"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv/dict"
)

// session is one case of a contactless run: a terminal, what it is told, and what was recorded.
type session struct {
	job      *job
	clock    *replay.Clock
	card     *replay.Card
	terminal *contactless.Terminal
	rec      *recorder
	rand     *swap
	host     []HostAnswer
	out      kernel.Outcome
	taps     []replay.Tap // of the first transaction, for taps that change no card

	combinations []contactless.Combination
	kept         kept
}

// swap is a reader that can be exchanged between taps.
type swap struct {
	from interface{ Read([]byte) (int, error) }
}

func (s *swap) Read(p []byte) (int, error) { return s.from.Read(p) }

// kernelFor makes the kernel of an ID.
type kernelFor func(kernel.ID) contactless.Kernel

// newSession makes a terminal of what the case gives. combinations may be nil for those of the case.
func newSession(t *job, kernels kernelFor, change func(int, *contactless.Combination)) (*session, error) {
	s := &session{job: t, clock: replay.NewClock(t.Given.Transaction.when()), rec: &recorder{trace: t.trace}}
	env, err := t.env(s.clock)
	if err != nil {
		return nil, err
	}
	s.rand = &swap{env.Rand}
	env.Rand, env.UI, env.Events = s.rand, s.rec, s.rec.event
	if t.Given.DET != nil {
		s.kept.exchange = &exchange{clock: s.clock, rec: s.rec, signals: t.Given.DET}
	}
	config := contactless.Config{Terminal: t.terminalObjects().Append(nil), Preferences: t.Given.Preferences}
	var list []contactless.Kernel
	have := map[kernel.ID]bool{}
	for i := range t.Given.Applications {
		a := &t.Given.Applications[i]
		c := a.combination(t.Given.Terminal)
		if !have[c.Kernel] {
			list = append(list, kernels(c.Kernel))
			have[c.Kernel] = true
		}
		if change != nil {
			change(i, &c)
		}
		if _, stand := kernels(c.Kernel).(*standIn); !stand {
			if k, ok := kernelByID(c.Kernel); ok && k.equip != nil {
				k.equip(t, a, &c, &s.kept)
			}
		}
		config.Combinations = append(config.Combinations, c)
	}
	s.combinations = config.Combinations
	if s.terminal, err = contactless.New(config, env, list...); err != nil {
		return nil, err
	}
	if s.taps, err = t.present(t.Given.Cards, s.clock); err != nil {
		return nil, err
	}
	s.card = replay.NewCard(s.clock, s.taps...)
	s.host = t.Given.Host
	return s, nil
}

// run makes the case's transactions: the first one and the further taps.
func (s *session) run(ctx context.Context) error {
	if err := s.transact(ctx, s.job.Given.Transaction); err != nil {
		return err
	}
	for _, tap := range s.job.Given.Taps {
		taps := s.taps
		if tap.Cards != nil {
			var err error
			if taps, err = s.job.present(tap.Cards, s.clock); err != nil {
				return err
			}
		}
		s.card.Present(taps...)
		if tap.HasRandom {
			s.rand.from = &random{tap.Random}
		}
		if x := s.kept.exchange; x != nil && tap.DET != nil {
			x.signals, x.needed = tap.DET, nil
		}
		tx := s.job.Given.Transaction
		if tap.Transaction != nil {
			tx = tap.Transaction
		}
		s.job.trace.line("---- tap")
		if err := s.transact(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// transact makes one transaction, with the restarts that its outcomes ask for.
func (s *session) transact(ctx context.Context, tx *Transaction) error {
	begin := s.terminal.Transact
	if s.job.Given.does(featureAutorun) {
		begin = s.terminal.Autorun
	}
	out, err := begin(ctx, s.card, s.job.transaction(tx))
	for {
		s.out = out
		if errors.Is(err, replay.ErrNoCard) { // the field was polled and nothing came: the last outcome stands
			if s.rec.last != nil && out.Kind == kernel.NoOutcome {
				s.out = *s.rec.last
			}
			return nil
		}
		if err != nil {
			return err
		}
		answer := s.answer(&out)
		if !contactless.NeedsRestart(&out, answer) {
			return nil
		}
		if answer == nil && s.card.Left() == 0 && (out.Start == kernel.StartA || out.Start == kernel.StartB) {
			return nil // the terminal would poll for a card that the case does not have
		}
		s.job.trace.line("---- restart at %s", out.Start)
		s.rec.answer = answer
		out, err = s.terminal.Restart(ctx, s.card, answer)
	}
}

// answer takes the next answer of the host where the outcome goes online.
func (s *session) answer(out *kernel.Outcome) *kernel.OnlineAnswer {
	if out.Kind != kernel.OnlineRequest || len(s.host) == 0 {
		return nil
	}
	h := s.host[0]
	s.host = s.host[1:]
	return &h.Answer
}

// give returns everything that was seen.
func (s *session) give() map[string]any {
	got := map[string]any{}
	s.rec.give(got)
	outcomeOf(&s.out, got)
	dataOf(s.terminal.Data(), s.rec.fci, got)
	got["commands"] = commandsOf(s.card.Commands())
	got["field"] = listOf(s.card.Field())
	if adf, _ := s.terminal.Selected(); adf != nil {
		names := s.rec.aidOf(adf)
		if s.out.Why.Ref == "Book B, 3.3.2.7" { // none was left: the one that was tried last, or none
			names = append(names, nil)
		}
		got["selected"] = names
	}
	if s.rec.de55 != nil {
		if _, wanted := s.job.Want["cryptogram_valid"]; wanted {
			got["cryptogram_valid"] = verifyCryptogram(s.rec.de55)
		}
	}
	if x := s.kept.exchange; x != nil {
		got["dek"] = append([]any{}, x.told...)
	}
	if _, wanted := s.job.Want["wallet"]; wanted {
		if w := s.walletOf(); w != nil {
			got["wallet"] = w
		}
	}
	return got
}

// scopeOf returns the dictionary's scope of a kernel.
func scopeOf(id kernel.ID) dict.Scope {
	switch id {
	case kernel.Mastercard:
		return dict.C2
	case kernel.Visa:
		return dict.C3
	case kernel.Amex:
		return dict.C4
	case kernel.JCB:
		return dict.C5
	case kernel.Discover:
		return dict.C6
	case kernel.UnionPay:
		return dict.C7
	case kernel.Kernel8:
		return dict.C8
	case kernel.Interac:
		return dict.Interac
	default:
		return dict.Common
	}
}
