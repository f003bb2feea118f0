package terminal

import (
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/text"
)

// screen is the customer's display, as the payment engine has it (payment.Screen). cards is what a Reader has of it, and
// ask what waits for the customer.
//
// Nothing of a payment gets to the display before the engine has accepted it, and nothing after its end (P3): a reader that
// is slower than a cancellation must not prompt again.
type screen struct {
	c       *Config
	kinds   driver.Kind // the interfaces that there are
	display *display.Display
	coins   coins

	prompted func(request, prompt string) // the till is told what the customer sees; it must not wait
	changed  func()                       // another screen may be there

	mu       sync.Mutex
	asked    map[string]asked // payments whose end has not been shown, by request id
	live     string           // the one whose customer is at the terminal
	shown    bool             // and which has come to the display
	amounts  payment.Amounts
	money    display.Money // the total of what is live
	language string        // of the customer who pays
	question *question
	taking   *guard
	offline  string // the approval that no till has taken note of, while it is on the display
	signs    string // the payment whose customer signs
	told     string // what the till knows of the prompts
	ended    bool   // a payment is over, and its card may be in the slot
	reminds  bool   // the display asks for it
}

// asked is what the till said of a payment, and an engine does not say when it shows something.
type asked struct {
	kind payment.Kind
	cart string
}

// maxAsked bounds what is remembered: there is one payment at a time, and a few that wait for the host.
const maxAsked = 64

// expect is told of a request before the engine is.
func (s *screen) expect(r *payment.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) >= maxAsked {
		for id := range s.asked {
			if id != s.live {
				delete(s.asked, id)
				break
			}
		}
	}
	s.asked[r.RequestID] = asked{r.Kind, r.CartHash}
}

// accepted is told when the engine has taken a request: from here to its end it may prompt.
func (s *screen) accepted(request string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !unseen(s.asked[request].kind) {
		s.live, s.shown, s.language, s.told, s.ended, s.reminds = request, false, "", "", false, false
	}
}

// unseen reports whether nobody is at the terminal for a payment: no customer sees it, and none its end.
func unseen(k payment.Kind) bool {
	return k == payment.Void || k == payment.Capture || k == payment.Adjust
}

// final is told of a Final before it is shown.
func (s *screen) final(request string, f *payment.Final) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Receipt != nil && f.Receipt.Signature {
		s.signs = request
	}
}

// begun reports whether the payment, if it is the one at the terminal, has its cart on the display and keeps it there.
func (s *screen) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live == "" || s.shown
}

// Cart is the cart that is shown.
func (s *screen) Cart() (payment.Cart, bool) {
	_, hash, err := s.display.ShownCart()
	var r *display.Refusal
	switch {
	case err == nil:
		return payment.Cart{Hash: hex.EncodeToString(hash[:]), Valid: true}, true
	case errors.As(err, &r) && r.Code == "E_NOT_FOUND":
		return payment.Cart{}, false
	}
	return payment.Cart{}, true // there is one, and it can't be paid
}

// Show shows something of a payment.
func (s *screen) Show(n payment.Showing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	was := s.asked[n.RequestID]
	total := s.coins.money(n.Amounts.Total, n.Currency)
	switch n.About {
	case payment.AboutPresent:
		s.amounts, s.money = n.Amounts, total // the reader asks for the card once it is armed: one that comes earlier would have to go again
		return
	case payment.AboutProcessing:
		s.amounts, s.money = n.Amounts, total
		s.step(n.RequestID, display.Working{Request: n.RequestID, Amount: total, Step: display.Authorising}, "processing")
		return
	case payment.AboutRecovering: // of a customer who is gone: it must not stand in the next one's way
		s.put(display.Failed{Code: "E_POWER_LOSS"})
		return
	case payment.AboutDamaged: // a payment that was under way ends with the next start
		s.c.Log.Error("journal", "code", n.Code)
		live := s.live
		s.live, s.question, s.ended = "", nil, live != ""
		s.put(display.Failed{Request: live, Code: n.Code})
		return
	case payment.AboutRegisterOffline:
		if !unseen(n.Kind) {
			s.offline = n.RequestID
			s.put(display.Accepted{Request: n.RequestID, Amount: total, Tip: int64(n.Amounts.Tip), Refund: n.Kind == payment.Refund, Offline: true})
		}
		return
	default:
	}
	s.end(n, was, total)
}

// end shows how a payment ended.
func (s *screen) end(n payment.Showing, was asked, total display.Money) {
	delete(s.asked, n.RequestID)
	mine := s.live == n.RequestID
	if mine {
		s.live, s.ended = "", true
		s.question = nil
	}
	if unseen(n.Kind) {
		return
	}
	hold := s.c.Times.Result
	if hold == 0 {
		hold = 5 * time.Second
	}
	in := mine && s.display.State().Screen == display.Remove // what asked for the card gives way to the outcome
	switch n.About {
	case payment.AboutApproved:
		message := s.message()
		if message != "" && s.c.Times.Result == 0 {
			hold = 8 * time.Second
		}
		s.put(display.Accepted{
			Request: n.RequestID, Amount: total, Tip: int64(n.Amounts.Tip), Refund: n.Kind == payment.Refund,
			Sign: s.signs == n.RequestID, CardIn: in, Alone: n.Code == payment.CodeApprovedAlone, PostPayment: message, Hold: hold,
		})
		s.paid(was)
	case payment.AboutDeclined:
		if n.Code == payment.CodeCardMismatch {
			s.put(display.Failed{Request: n.RequestID, Code: "E_CARD_OTHER", Hold: hold})
			return
		}
		s.put(display.Refused{Request: n.RequestID, Amount: total, CardIn: in, Hold: hold})
	case payment.AboutCancelled:
		s.put(display.Cancelled{Request: n.RequestID, Hold: hold}) // refused where nothing of it was shown yet
	default:
		s.put(display.Failed{Request: n.RequestID, Code: failure(n.Code), Hold: hold})
	}
}

// paid takes the cart away that was paid for, unless the till shows another one already.
func (s *screen) paid(was asked) {
	if was.cart == "" {
		return
	}
	if _, hash, err := s.display.ShownCart(); err == nil && hex.EncodeToString(hash[:]) == was.cart {
		s.put(display.CartCleared{})
	}
}

// message is the merchant's, in the customer's language. S64
func (s *screen) message() string {
	language := s.language
	if language == "" {
		language = text.Pick(s.c.Appearance.Language)
	}
	m, ok := s.c.PostPayment[language]
	if !ok {
		m = s.c.PostPayment[""]
	}
	return text.Clean(m, text.MaxGraphemes)
}

// acked is told that a till has taken note of an outcome.
func (s *screen) acked(request string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offline != request {
		return
	}
	s.offline = ""
	if s.display.State().Screen == display.Approved {
		s.put(display.Expire{})
	}
}

// remind asks for a card that was left in the slot after its payment, once its outcome has been shown, until it is taken.
func (s *screen) remind(in bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		return
	}
	at := s.display.State().Screen
	switch {
	case !in:
		if s.ended = false; s.reminds && at == display.Message {
			s.put(display.Expire{})
		}
		s.reminds = false
	case !s.reminds && (at == display.Standby || at == display.Cart || at == display.Welcome):
		s.reminds = s.put(display.Note{Text: text.Message(kernel.MsgRemoveCard)})
	}
}

// prompt is the request for the card. The lock is held.
func (s *screen) prompt(request string, by []display.Method, notice string) display.Event {
	if len(by) == 0 {
		return display.TakeCard{Request: request, Notice: notice}
	}
	return display.Prompt{
		Request: request, Amount: s.money, Refund: s.asked[request].kind == payment.Refund, Methods: by, Notice: notice,
	}
}

// step shows an event of the payment at the terminal, and drops those of any other. The lock is held.
func (s *screen) step(request string, e display.Event, prompt string) bool {
	if request == "" || request != s.live {
		return false
	}
	s.offline = ""
	if old := s.display.State().Request; !s.shown && old != "" && old != request { // it gives way, against all order
		s.put(display.Cancelled{Request: old})
	}
	if !s.put(e) {
		return false
	}
	s.changed()
	s.shown = true
	if prompt != s.told { // the till hears of a prompt once, and not of each digit of a PIN
		s.told = prompt
		s.prompted(request, prompt)
	}
	return true
}

// put shows an event. What the display refuses has no place on the present screen, and changes nothing else.
func (s *screen) put(e display.Event) bool {
	err := s.display.Step(e)
	if err != nil {
		s.c.Log.Debug("display", "refused", err.Error())
	}
	return err == nil
}

// methods are the ways of a request that the terminal has.
func methods(entries []payment.Entry, kinds driver.Kind) (list []display.Method) {
	if len(entries) == 0 {
		entries = []payment.Entry{payment.Tap, payment.Insert, payment.Swipe}
	}
	for _, e := range entries {
		if k := kindOf(e); k != 0 && kinds.Has(k) {
			list = append(list, methodOf(k))
		}
	}
	return list
}

func kindOf(e payment.Entry) driver.Kind {
	switch e {
	case payment.Tap:
		return driver.Contactless
	case payment.Insert:
		return driver.Contact
	case payment.Swipe:
		return driver.Stripe
	default:
		return 0
	}
}

func methodOf(k driver.Kind) display.Method {
	switch k {
	case driver.Contactless:
		return display.Tap
	case driver.Contact:
		return display.Insert
	default:
		return display.Swipe
	}
}

// failure is the code of the catalogue for one of a Final.
func failure(code string) string {
	switch code {
	case payment.CodeNoAnswer:
		return "E_NO_ANSWER"
	case payment.CodeUnreachable:
		return "E_PROVIDER"
	case payment.CodeDeadline:
		return "E_DEADLINE"
	case payment.CodePowerLoss, payment.CodeReversed, payment.CodeReversalWaits:
		return "E_POWER_LOSS"
	case payment.CodeOfflineRefused, payment.CodeOfflineLimit:
		return "E_OFFLINE"
	case payment.CodeReaderFailed:
		return "E_NO_READER"
	case payment.CodeNotCompleted:
		return "E_CARD"
	case payment.CodeAmount:
		return "E_LIMIT"
	}
	return "E_INTERNAL"
}
