package reader

import (
	"context"
	"errors"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
)

// maxPresentations is how often a card may be presented in one payment.
const maxPresentations = 8

// sale is one payment on its way.
type sale struct {
	r     *Reader
	order payment.Order
	desk  payment.Desk
	tx    kernel.Transaction
	field *contactless.Terminal // of taps
	slot  *contact.Terminal     // of chips that are inserted

	allowed driver.Kind // what order, profile and readers have in common
	kinds   driver.Kind // of it, what is armed next
	notice  string      // what the cardholder should know when it is

	entry *armed.Entry // the card that is being read
	begun bool         // its kernel has begun: what it says of presenting a card is about the next time
	read  bool         // its success tone has sounded
	said  kernel.Message

	card     payment.Card
	asked    bool // the host was asked: there is no other card after that
	pin      pin.PIN
	language string
	offers   profile.Offers // what the card lists

	// What the stripe wants to know of the chip.
	chip     magstripe.Chip
	failures int
}

// step is what came of one card: a result, another card that is there already, or what is to be armed next.
type step struct {
	taken    payment.Taken
	err      error
	switched *armed.Entry
	next     driver.Kind
	notice   string
}

// end wipes what the payment leaves, however it ended.
func (s *sale) end() {
	s.pin.Wipe()
	s.r.wipe()
	s.lights(0)
	s.r.now = nil
}

// run follows the customer from card to card, and from interface to interface.
func (s *sale) run(ctx context.Context) (payment.Taken, error) {
	s.allowed = s.may()
	s.kinds = s.allowed
	var e *armed.Entry
	var last payment.Taken
	for range maxPresentations {
		if e == nil {
			var err error
			e, err = armed.Await(ctx, armed.Config{
				Readers: s.r.config.Readers, Kinds: s.kinds, Judge: s.judge, Notify: s.notify,
			})
			if err != nil {
				return payment.Taken{}, err
			}
		}
		did := s.take(ctx, e)
		last, e = did.taken, did.switched
		switch {
		case did.err != nil:
			return payment.Taken{}, did.err
		case e == nil && did.next == 0:
			return last, nil
		case e == nil:
			s.kinds, s.notice = did.next, did.notice
		}
	}
	if e != nil {
		_ = e.Close()
	}
	last.Kind, last.Why = kernel.EndApplication, kernel.Reason{Stage: "presentation", Code: CodeTries, Ref: "the terminal's bound"}
	return last, nil
}

// take reads one card.
func (s *sale) take(ctx context.Context, e *armed.Entry) step {
	s.entry, s.begun, s.read, s.said = e, false, false, kernel.NoMessage
	s.offers.Forget()
	defer func() {
		s.entry = nil
		_ = e.Close()
	}()
	did := step{}
	switch e.Kind {
	case driver.Contactless:
		did = s.tap(ctx, e)
	case driver.Contact:
		did = s.insert(ctx, e)
	default:
		did = s.swipe(ctx, e)
	}
	var switched *armed.Switched
	switch {
	case errors.As(did.err, &switched):
		return step{switched: switched.To}
	case errors.Is(did.err, driver.ErrGone) && !s.asked: // it may come back, or there is another one
		return step{taken: payment.Taken{Card: s.card}, next: s.allowed, notice: "reader-lost"}
	case errors.Is(did.err, errNumber):
		return step{taken: s.taken(kernel.EndApplication, kernel.Reason{
			Stage: "online request", Code: CodeNumber, Ref: "ISO/IEC 7812-1",
		})}
	case errors.Is(did.err, kernel.ErrRemoved): // while the cardholder was asked something
		return step{taken: s.taken(kernel.Terminated, kernel.Reason{
			Stage: "cardholder", Code: kernel.ErrRemoved.Code, Ref: "Book 4, 6.1",
		})}
	}
	did.next &= s.allowed
	return did
}

// may returns what the customer may use: what the order allows, the profile takes, and the readers have.
func (s *sale) may() (k driver.Kind) {
	for _, e := range s.order.Entries {
		switch e {
		case payment.Tap:
			k |= driver.Contactless
		case payment.Insert:
			k |= driver.Contact
		case payment.Swipe:
			k |= driver.Stripe
		case payment.Manual: // no reader has it
		}
	}
	k &= s.r.kinds & s.have()
	if k.Has(driver.Contactless) && !s.tappable() {
		k &^= driver.Contactless
	}
	if k == 0 {
		k = none
	}
	return k
}

// none is an interface that no reader has: armed.Config takes no kind at all for every kind.
const none = ^(driver.Contact | driver.Contactless | driver.Stripe)

// have returns what the readers have.
func (s *sale) have() (k driver.Kind) {
	for _, reader := range s.r.config.Readers {
		k |= reader.Kinds()
	}
	return k
}

// tappable reports whether the amount is allowed to any contactless application: otherwise the field stays off from the
// start, as pre-processing would find (Book B, 3.1.1.13).
func (s *sale) tappable() bool {
	for i := range s.r.limits {
		c := &s.r.limits[i]
		if in := contactless.Preprocess(&c.Limits, c.TTQ, nil, &s.tx); !in.NotAllowed {
			return true
		}
	}
	return false
}

// taken is a result with the card as it is known now.
func (s *sale) taken(kind kernel.Kind, why kernel.Reason) payment.Taken {
	return payment.Taken{Kind: kind, Why: why, Card: s.card}
}

// notTaken says why no application of the card is accepted, where the end of a transaction means that: of the first that
// the card lists. A card with an application that is accepted has failed for another reason.
func (s *sale) notTaken(on profile.Interface, why kernel.Reason) (kernel.Reason, bool) {
	if why.Code != "entry.no_candidate" && why.Code != "select.no_application" {
		return why, false
	}
	err := s.r.config.Profile.WhyNone(on, &s.offers)
	if err == nil {
		return why, false
	}
	return kernel.Reason{
		Stage: why.Stage, Code: kernel.CodeOf(err), Ref: "country profile " + s.r.config.Profile.Country.Alpha2,
	}, true
}

// cardIn tells the engine that a card is there. After the host was asked it knows.
func (s *sale) cardIn(ctx context.Context) error {
	if s.asked {
		return ctx.Err()
	}
	return s.desk.CardIn(ctx, s.card)
}

// describe takes from the data of a kernel what may be known of the card.
func (s *sale) describe(d *kernel.Data, name kernel.AID, entry payment.Entry) {
	c := payment.CardOf(d, name, entry)
	if number := numberOf(d); number != nil {
		c.Number, c.Token = payment.LastDigits(number), s.token(number)
		clear(number)
	}
	if brand, ok := s.brand(name, d); ok {
		c.Brand = brand.Key
	}
	s.card = c
}

// brand is that of the application's name, else of the card's number.
func (s *sale) brand(name kernel.AID, d *kernel.Data) (profile.Brand, bool) {
	if brand, ok := s.r.config.Profile.BrandOf(name); ok && name != nil {
		return brand, true
	}
	t, err := magstripe.ParseTrack2(";" + string(numberOf(d)) + "===?") // the number alone: nothing else of a track is looked at
	if err != nil {
		return profile.Brand{}, false
	}
	return s.r.config.Profile.BrandOfNumber(t.PAN)
}

// decided is the result where the host decides and no kernel after it (Book A, 8.1.1.9).
func (s *sale) decided(answer *kernel.OnlineAnswer, ref string) payment.Taken {
	why := kernel.Reason{Stage: "online processing", Code: CodeDeclined, Ref: ref}
	kind := kernel.DeclinedOnline
	switch {
	case answer.Unable:
		why.Code = CodeUnable
	case answer.Approved():
		kind, why.Code = kernel.ApprovedOnline, CodeApproved
	}
	if !answer.Unable {
		s.card.ARC = string(answer.ARC[:])
	}
	return s.taken(kind, why)
}
