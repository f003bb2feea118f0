package reader

import (
	"context"
	"fmt"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/armed"
	"github.com/cardwright/emv/terminal/driver"
)

// dark is a Screen that shows nothing.
type dark struct{}

func (dark) Prompt(Prompt)             {}
func (dark) Reading(string)            {}
func (dark) PIN(PINProgress)           {}
func (dark) RemoveCard(string, string) {}
func (dark) Language(string)           {}

func (dark) Choose(context.Context, string, []string) (int, error) { return 0, nil }

func (s *sale) screen() Screen {
	if s.r.config.Screen == nil {
		return dark{}
	}
	return s.r.config.Screen
}

func (s *sale) reading() { s.screen().Reading(s.order.RequestID) }

// prompt shows what is armed.
func (s *sale) prompt(kinds driver.Kind, notice string) {
	s.screen().Prompt(Prompt{Request: s.order.RequestID, Kinds: kinds & s.have(), Notice: notice})
}

// maxLanguages bounds Language Preference (5F2D): four languages (Book 3, Annex A).
const maxLanguages = 8

// speak tells the screen the card's languages, once. Anything but letters is no language.
func (s *sale) speak(tags string) {
	if len(tags) == 0 || len(tags)%2 != 0 || len(tags) > maxLanguages || tags == s.language {
		return
	}
	for i := range len(tags) {
		if c := tags[i] | 0x20; c < 'a' || c > 'z' {
			return
		}
	}
	s.language = tags
	s.screen().Language(tags)
}

// notify is what armed has to tell: it waits for nothing, and one call follows the other.
func (s *sale) notify(n armed.Notice) {
	s.forward(n.UI())
	if events := s.r.config.Env.Events; events != nil && n.Why != "" {
		events(kernel.DecisionEvent{Reason: kernel.Reason{Stage: "swipe", Code: n.Why, Ref: "country profile"}})
	}
	switch n.About {
	case armed.RemoveFirst:
		s.lights(0)
		s.screen().RemoveCard(s.order.RequestID, n.About.String())
	case armed.Armed:
		s.lights(ready)
		s.prompt(s.kinds, s.notice)
	case armed.OneCardOnly:
		s.tone(n.Reader, driver.Alert)
		s.prompt(s.kinds, "one-card-only")
	case armed.OneCardAgain:
		s.lights(ready)
		s.prompt(s.kinds, "one-card-only")
	case armed.InsertInstead, armed.SwipeAgain, armed.SwipeRefused:
		s.tone(n.Reader, driver.Alert)
		s.prompt(s.kinds, n.About.String())
	case armed.ReaderLost:
		s.prompt(s.kinds, n.About.String())
	case armed.ReaderBack:
		s.lights(ready)
		s.prompt(s.kinds, s.notice)
	}
}

// show is what a kernel or the entry point has to tell (kernel.Env.UI).
func (s *sale) show(q kernel.UIRequest) {
	s.speak(q.Language)
	s.forward(q)
	if s.entry == nil || s.entry.Kind != driver.Contactless {
		return // what a chip transaction shows, Screen is told where it happens
	}
	s.signal(q.Status)
	if q.Message != kernel.NoMessage {
		s.said = q.Message
	}
	switch q.Message {
	case kernel.MsgPresentCard: // the entry point asks for the card that is there already
		if s.begun {
			s.prompt(s.kinds, "")
		}
	case kernel.MsgPresentCardAgain, kernel.MsgSeePhone, kernel.MsgPresentOneCard:
		s.prompt(s.kinds, noticeOf(q.Message))
	case kernel.MsgCardReadOK:
		s.prompt(0, noticeOf(q.Message))
	case kernel.MsgProcessing:
		s.reading()
	default: // the result is the payment engine's to show, and another interface is asked for when it is armed
	}
	s.begun = true
}

// noticeOf is the notice for a message, by the codes of terminal/text.
func noticeOf(m kernel.Message) string {
	switch m {
	case kernel.NoMessage:
		return ""
	case kernel.MsgPresentCardAgain:
		return "tap-again"
	case kernel.MsgPresentOneCard:
		return "one-card-only"
	case contact.MsgTryAgain, kernel.MsgInsertCard, kernel.MsgInsertOrSwipe, kernel.MsgTryAnotherCard, contact.MsgUseStripe:
	default:
	}
	return fmt.Sprintf("msg.%02X", byte(m))
}

// forward hands a message to the caller's own user interface.
func (s *sale) forward(q kernel.UIRequest) {
	if ui := s.r.config.Env.UI; ui != nil && q.Present() {
		ui.Show(q)
	}
}

// The lights of a reader (Book A, 9.3).
const (
	ready   = 0b0001
	success = 0b1111
)

// signal is the lights and the tones of a status (Book A, 9.3): the first light while a card can be presented and is being
// read, all of them and the success tone once it was read, none and the alert tone where something went wrong.
func (s *sale) signal(status kernel.Status) {
	switch status {
	case kernel.ReadyToRead:
		s.read = false
		s.lights(ready)
	case kernel.Processing:
		s.lights(ready)
	case kernel.CardReadSuccessfully:
		s.lights(success)
		if !s.read { // kernels say it when they have read the card, and some once more with their outcome
			s.tone("", driver.Success)
		}
		s.read = true
	case kernel.ProcessingError:
		s.lights(0)
		s.tone("", driver.Alert)
	case kernel.NotReady, kernel.Idle:
		s.lights(0)
	default:
	}
}

// lights lights those of the reader whose card is being read, else those of all that have a field.
func (s *sale) lights(lit uint8) {
	ctx, cancel := context.WithTimeout(context.Background(), aside)
	defer cancel()
	for _, reader := range s.r.config.Readers {
		if s.entry != nil && s.entry.Reader != reader || !reader.Kinds().Has(driver.Contactless) {
			continue
		}
		if l, ok := reader.(driver.Lights); ok {
			_ = l.SetLights(ctx, lit) // a light that fails fails no payment
		}
	}
}

// tone sounds at the reader with a name, "" for the one whose card is being read.
func (s *sale) tone(name string, t driver.Tone) {
	ctx, cancel := context.WithTimeout(context.Background(), aside)
	defer cancel()
	for _, reader := range s.r.config.Readers {
		if name == "" && (s.entry == nil || s.entry.Reader != reader) || name != "" && reader.Identity().Name != name {
			continue
		}
		if b, ok := reader.(driver.Beeper); ok {
			_ = b.Beep(ctx, t)
		}
	}
}
