package reader_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/reader"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/tlv"
)

// TestInserts pays by the contacts of a card of each brand.
func TestInserts(t *testing.T) {
	for _, c := range []struct{ country, card, brand string }{
		{"US", "visa-contact", "visa"},
		{"US", "visa-contact-sda", "visa"},
		{"US", "mastercard-contact", "mastercard"},
		{"US", "amex-contact", "amex"},
		{"US", "discover-contact", "discover"},
		{"US", "jcb-contact", "jcb"},
		{"US", "unionpay-contact", "unionpay"},
		{"CA", "interac-contact", "interac"},
	} {
		t.Run(c.card, func(t *testing.T) {
			open(t, c.country, nil, func(s *shop) {
				s.insert(s.card(c.card))
				taken := s.wants(kernel.ApprovedOnline, payment.Insert, c.brand)
				s.asked(1)
				if taken.Reversal || len(taken.Card.Token) != 64 || taken.Card.ARC != "00" {
					t.Errorf("%+v", taken)
				}
				s.sees("remove ")
				if !strings.Contains(s.desk.chip, s.desk.numbers[0]) {
					t.Error("the card number is not found where it is: the search for it elsewhere finds nothing")
				}
			})
		})
	}
}

// TestPINs is what a customer can do at the PIN pad of a chip card that wants a PIN.
func TestPINs(t *testing.T) {
	for _, c := range []struct {
		name, country, card string
		does                []string
		kind                kernel.Kind
		err                 error
		cvm                 string
		online              string // the PIN that the host finds
	}{
		{"right", "GB", "mastercard-contact", []string{"1234"}, kernel.ApprovedOnline, nil, "offline-pin", ""},
		{"enciphered", "GB", "contact-pin-enciphered", []string{"1234"}, kernel.ApprovedOnline, nil, "offline-pin", ""},
		{"wrong, then right", "GB", "mastercard-contact", []string{"9999", "1234"}, kernel.ApprovedOnline, nil, "offline-pin", ""},
		{"cancelled", "GB", "mastercard-contact", []string{"cancel"}, 0, payment.ErrCustomerCancelled, "", ""},
		{"left out where that is not allowed", "GB", "mastercard-contact", []string{"bypass"}, 0, payment.ErrCustomerCancelled, "", ""},
		{"timeout", "GB", "mastercard-contact", []string{"timeout"}, kernel.Terminated, nil, "", ""},
		{"online", "US", "unionpay-contact", []string{"4711"}, kernel.ApprovedOnline, nil, "online-pin", "4711"},
		{"online, cancelled", "US", "unionpay-contact", []string{"cancel"}, 0, payment.ErrCustomerCancelled, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			open(t, c.country, func(s *shop) { s.pad.does = c.does }, func(s *shop) {
				s.insert(s.card(c.card))
				taken := s.finished()
				if taken.Kind != c.kind || !errors.Is(s.err, c.err) {
					t.Fatalf("%v because of %v, %v", taken.Kind, taken.Why, s.err)
				}
				if c.err == nil && c.cvm != taken.Card.CVM {
					t.Errorf("CVM %q", taken.Card.CVM)
				}
				if c.kind != kernel.ApprovedOnline {
					s.asked(0)
				}
				if c.online == "" && len(s.desk.pins) != 0 || c.online != "" && (len(s.desk.pins) != 1 || s.desk.pins[0] != c.online) {
					t.Errorf("the host finds PINs %q", s.desk.pins)
				}
				s.sees("pin 0 left")
				if len(c.does) == 2 {
					s.sees("pin 0 left 2 retry true")
				}
			})
		})
	}
}

// TestBypass leaves the PIN out where the country allows that: the host decides.
func TestBypass(t *testing.T) {
	open(t, "US", func(s *shop) { s.pad.does = []string{"bypass"} }, func(s *shop) {
		s.insert(s.card("mastercard-contact"))
		if taken := s.finished(); s.err != nil || taken.Card.CVM == "offline-pin" || len(s.desk.pins) != 0 {
			t.Errorf("%+v, %v", taken, s.err)
		}
	})
}

// TestChoice has the customer choose among the card's applications.
func TestChoice(t *testing.T) {
	open(t, "US", func(s *shop) {
		s.screen.chooses = func(context.Context, []string) (int, error) { return 1, nil }
	}, func(s *shop) {
		s.insert(s.card("contact-no-pse"))
		taken := s.finished()
		s.sees("choose ")
		if s.err != nil || taken.Kind != kernel.ApprovedOnline {
			t.Errorf("%v because of %v, %v", taken.Kind, taken.Why, s.err)
		}
	})
	open(t, "US", func(s *shop) {
		s.screen.chooses = func(context.Context, []string) (int, error) { return -1, payment.ErrCustomerCancelled }
	}, func(s *shop) {
		s.insert(s.card("contact-no-pse"))
		s.finished()
		if !errors.Is(s.err, payment.ErrCustomerCancelled) {
			t.Errorf("%+v, %v", s.taken, s.err)
		}
		s.asked(0)
	})
}

// TestConfirm asks whether the only application is to be used, where its issuer wants that (87, b8; Book 1, table 48).
func TestConfirm(t *testing.T) {
	for agrees, kind := range map[bool]kernel.Kind{true: kernel.ApprovedOnline, false: kernel.NoOutcome} {
		open(t, "US", func(s *shop) {
			s.screen.chooses = func(_ context.Context, labels []string) (int, error) {
				if len(labels) != 1 || labels[0] != "VISA CREDIT" {
					t.Errorf("%q", labels)
				}
				if agrees {
					return 0, nil
				}
				return 0, payment.ErrCustomerCancelled
			}
		}, func(s *shop) {
			c, err := card.New(card.Config{Profile: "visa-contact", Set: map[tlv.Tag][]byte{0x87: {0x81}}})
			if err != nil {
				t.Fatal(err)
			}
			s.insert(c)
			if taken := s.finished(); taken.Kind != kind || errors.Is(s.err, payment.ErrCustomerCancelled) == agrees {
				t.Errorf("%v because of %v, %v", taken.Kind, taken.Why, s.err)
			}
			s.sees("choose ")
		})
	}
}

// TestNotAccepted says why a card is not taken, and takes no stripe of its brand either. A card that lists nothing may be
// swiped, where the country allows that.
func TestNotAccepted(t *testing.T) {
	open(t, "US", nil, func(s *shop) {
		s.insert(s.card("interac-contact"))
		if taken := s.finished(); s.err != nil || taken.Kind != kernel.NotAccepted || taken.Why.Code != profile.CodeBrand {
			t.Errorf("%v because of %v, %v", taken.Kind, taken.Why, s.err)
		}
		s.asked(0)
	})
	open(t, "US", func(s *shop) { // takes no Visa by its contacts
		for i := range s.config.Profile.Applications {
			if a := &s.config.Profile.Applications[i]; a.Brand == "visa" {
				a.Contact = nil
			}
		}
	}, func(s *shop) {
		s.insert(s.card("contact-no-pse"))
		s.hands.Remove()
		synctest.Wait()
		s.sees("prompt stripe msg.12")
		s.swipe(chipStripe)
		taken := s.wants(kernel.ApprovedOnline, payment.Swipe, "visa")
		if !taken.Card.Fallback {
			t.Errorf("%+v", taken.Card)
		}
	})
}

// TestPulledWhileAsked takes the card out while the customer is asked for a PIN, or for an application: nobody is asked any
// more, and it ends.
func TestPulledWhileAsked(t *testing.T) {
	for _, c := range []struct{ card, country string }{{"mastercard-contact", "GB"}, {"contact-no-pse", "US"}} {
		open(t, c.country, func(s *shop) {
			s.pad.does = []string{"waits"}
			s.screen.chooses = func(ctx context.Context, _ []string) (int, error) { <-ctx.Done(); return -1, ctx.Err() }
		}, func(s *shop) {
			s.insert(s.card(c.card))
			time.Sleep(time.Minute)
			s.hands.Remove()
			taken := s.finished()
			if s.err != nil || taken.Kind != kernel.Terminated || taken.Why.Code != kernel.ErrRemoved.Code {
				t.Errorf("%s: %v because of %v, %v", c.card, taken.Kind, taken.Why, s.err)
			}
			s.asked(0)
		})
	}
}

// pulled leaves the slot at its nth command.
type pulled struct {
	contacts
	n     int
	leave func()
}

func (p *pulled) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if p.n--; p.n < 0 {
		p.leave()
		return dst, kernel.ErrRemoved
	}
	return p.contacts.Transmit(ctx, dst, command)
}

// TestPulled takes the card out at each command: it is never an approval unless all that decides had been said, and an
// approval of the host that the card did not follow is to be reversed.
func TestPulled(t *testing.T) {
	for _, name := range []string{"visa-contact", "mastercard-contact", "contact-cda"} {
		finished := false
		for n := 0; n < 60 && !finished; n++ {
			open(t, "US", nil, func(s *shop) {
				c := &pulled{contacts{s.card(name)}, n, s.hands.Remove}
				s.insert(c)
				taken := s.finished()
				finished = c.n >= 0
				switch {
				case s.err != nil:
					t.Errorf("%s at %d: %v", name, n, s.err)
				case finished:
					if taken.Kind != kernel.ApprovedOnline {
						t.Errorf("%s: %v", name, taken.Kind)
					}
				case taken.Kind == kernel.ApprovedOnline || taken.Kind == kernel.ApprovedOffline || taken.Kind == kernel.Approved:
					t.Errorf("%s was pulled at %d, and it is %v", name, n, taken.Kind)
				case len(s.desk.verdicts) > 0 != taken.Reversal:
					t.Errorf("%s at %d: the host was asked %d times, reversal %t", name, n, len(s.desk.verdicts), taken.Reversal)
				}
			})
		}
		if !finished {
			t.Errorf("%s never ended", name)
		}
	}
}

// TestHostAnswers is what the host says to a chip.
func TestHostAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*shop)
		kind kernel.Kind
	}{
		{"declined", func(s *shop) { s.desk.arc = "05" }, kernel.DeclinedOnline},
		{"unable", func(s *shop) { s.desk.unable = true }, kernel.DeclinedOffline},
	} {
		t.Run(c.name, func(t *testing.T) {
			open(t, "US", c.set, func(s *shop) {
				s.insert(s.card("visa-contact"))
				if taken := s.finished(); s.err != nil || taken.Kind != c.kind || taken.Reversal {
					t.Errorf("%+v, %v", taken, s.err)
				}
				s.asked(1)
			})
		})
	}
	t.Run("the desk refuses", func(t *testing.T) { // another card than that of the payment, or cancelled
		refused := errors.New("not the card that paid")
		for _, name := range []string{"visa-contact", "visa-credit"} {
			open(t, "US", func(s *shop) { s.desk.fails = refused }, func(s *shop) {
				if name == "visa-contact" {
					s.insert(s.card(name))
				} else {
					s.tap(s.card(name))
				}
				s.finished()
				if !errors.Is(s.err, refused) {
					t.Errorf("%+v, %v", s.taken, s.err)
				}
			})
		}
		open(t, "US", func(s *shop) { s.desk.refuses = refused }, func(s *shop) {
			s.tap(s.card("visa-credit"))
			s.finished()
			if !errors.Is(s.err, refused) || len(s.desk.sealed) != 0 {
				t.Errorf("%+v, %v", s.taken, s.err)
			}
		})
	})
}

// TestCardLeft asks for the card that was left in the slot, before anything is armed and after a payment.
func TestCardLeft(t *testing.T) {
	open(t, "US", func(s *shop) {
		if err := s.hands.Insert(contacts{s.card("mastercard-contact")}, nil); err != nil {
			t.Fatal(err)
		}
	}, func(s *shop) {
		s.sees("remove remove-first")
		if s.shown("prompt") || s.reader.Present() == 0 {
			t.Errorf("%q, a card is at %v", s.screen.told, s.reader.Present())
		}
		s.hands.Remove()
		synctest.Wait()
		s.sees("prompt contact+contactless+stripe ")
		s.insert(s.card("visa-contact"))
		s.wants(kernel.ApprovedOnline, payment.Insert, "visa")
	})
	for _, stays := range []bool{true, false} {
		open(t, "US", func(s *shop) { s.config.Removal = 20 * time.Second }, func(s *shop) {
			s.insert(s.card("visa-contact"))
			if s.sees("remove "); !stays {
				s.hands.Remove()
			}
			s.wants(kernel.ApprovedOnline, payment.Insert, "visa")
		})
	}
}

// TestRefund gives money back to a card, which the host hears of: a card that only tells its number is enough.
func TestRefund(t *testing.T) {
	for _, c := range []struct{ country, card, brand string }{
		{"US", "visa-credit", "visa"},
		{"US", "mastercard-credit", "mastercard"},
		{"US", "amex-credit", "amex"},
		{"US", "discover-credit", "discover"},
		{"US", "jcb-credit", "jcb"},
		{"US", "unionpay-credit", "unionpay"},
		{"CA", "interac-debit", "interac"},
		{"US", "visa-contact", "visa"},
		{"CA", "interac-contact", "interac"},
	} {
		t.Run(c.card, func(t *testing.T) {
			token := ""
			for _, kind := range []payment.Kind{payment.Sale, payment.Refund} {
				open(t, c.country, func(s *shop) { s.order.Kind, s.order.Token = kind, token }, func(s *shop) {
					presented, entry := s.card(c.card), payment.Tap
					if _, err := presented.Power(false); err == nil {
						entry = payment.Insert
						s.insert(presented)
					} else {
						s.tap(presented)
					}
					taken := s.wants(kernel.ApprovedOnline, entry, c.brand)
					s.asked(1)
					if token != "" && taken.Card.Token != token {
						t.Error("the same card has another token")
					}
					token = taken.Card.Token
					if c.card == "jcb-credit" && kind == payment.Refund && s.desk.chips != 0 { // an AAC (C-5, 3.7.1)
						t.Error("the host was sent a cryptogram that proves nothing")
					}
				})
			}
		})
	}
}

// TestCancelled ends the payment while a card is waited for, while the customer is asked, and while the host is.
func TestCancelled(t *testing.T) {
	stop := errors.New("the till has cancelled")
	for _, c := range []struct {
		name string
		with func(*shop)
		do   func(*shop)
	}{
		{"waiting", nil, func(*shop) {}},
		{"a card is in the slot", func(s *shop) { _ = s.hands.Insert(contacts{s.card("visa-contact")}, nil) }, func(*shop) {}},
		{"PIN", func(s *shop) { s.pad.does = []string{"waits"} }, func(s *shop) { s.insert(s.card("unionpay-contact")) }},
		{"PIN of a tap", func(s *shop) { s.pad.does = []string{"waits"} }, func(s *shop) { s.tap(s.card("unionpay-debit")) }},
		{"choice", func(s *shop) {
			s.screen.chooses = func(ctx context.Context, _ []string) (int, error) { <-ctx.Done(); return -1, ctx.Err() }
		}, func(s *shop) { s.insert(s.card("contact-no-pse")) }},
		{"see phone", nil, func(s *shop) { s.tap(s.card("visa-phone-locked")); s.hands.Leave(); synctest.Wait() }},
		{"not accepted, and still there", nil, func(s *shop) { s.tap(s.card("interac-debit")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			open(t, "US", c.with, func(s *shop) {
				c.do(s)
				s.cancel(stop)
				s.finished()
				if !errors.Is(s.err, context.Canceled) {
					t.Errorf("%+v, %v", s.taken, s.err)
				}
				s.asked(0)
			})
		})
	}
}

// stopping cancels the payment at its nth command.
type stopping struct {
	contacts
	n    int
	stop func()
}

func (c *stopping) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if c.n--; c.n == -1 {
		c.stop()
	}
	return c.contacts.Transmit(ctx, dst, command)
}

// TestCancelledAtEachCommand ends the context at each command of tap and chip: there is a result or the context's error,
// no session, and before the host was asked no approval.
func TestCancelledAtEachCommand(t *testing.T) {
	for _, name := range []string{"visa-contact", "mastercard-credit"} {
		for n, more := 0, true; n < 60 && more; n++ {
			open(t, "US", nil, func(s *shop) {
				c := &stopping{contacts{s.card(name)}, n, func() { s.cancel(errors.New("cancelled")) }}
				if name == "visa-contact" {
					s.insert(c)
				} else {
					s.tap(c)
				}
				taken := s.finished()
				if more = c.n < 0; !more {
					return
				}
				approved := taken.Kind == kernel.ApprovedOnline || taken.Kind == kernel.Approved || taken.Kind == kernel.ApprovedOffline
				if approved && len(s.desk.verdicts) == 0 || s.err == nil && taken.Kind == kernel.NoOutcome {
					t.Errorf("%s at %d: %v, %v", name, n, taken, s.err)
				}
			})
		}
	}
}

// TestConfig refuses what can't work, all at once.
func TestConfig(t *testing.T) {
	_, err := reader.New(reader.Config{})
	var wrong *kernel.ConfigError
	if !errors.As(err, &wrong) || len(wrong.Faults) != 6 {
		t.Errorf("%v", err)
	}
	open(t, "US", nil, func(s *shop) {
		_, err := s.reader.Take(context.Background(), s.order, s.desk)
		if kernel.CodeOf(err) != reader.CodeBusy {
			t.Errorf("a second payment: %v", err)
		}
	})
	open(t, "US", func(s *shop) { s.order.Entries = []payment.Entry{payment.Manual} }, func(s *shop) {
		s.finished()
		if kernel.CodeOf(s.err) != "armed.none" {
			t.Errorf("%v", s.err)
		}
	})
}
