package reader_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/reader"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/tlv"
)

// TestTaps pays by tap with a card of each kernel: the issuer verifies a cryptogram of its own key.
func TestTaps(t *testing.T) {
	for _, c := range []struct{ country, card, brand string }{
		{"US", "visa-credit", "visa"},
		{"US", "mastercard-credit", "mastercard"},
		{"US", "mastercard-debit", "mastercard"},
		{"US", "amex-credit", "amex"},
		{"US", "jcb-credit", "jcb"},
		{"US", "discover-credit", "discover"},
		{"US", "diners-credit", "discover"},
		{"US", "unionpay-credit", "unionpay"},
		{"CA", "interac-debit", "interac"},
	} {
		t.Run(c.card, func(t *testing.T) {
			open(t, c.country, nil, func(s *shop) {
				s.tap(s.card(c.card))
				taken := s.wants(kernel.ApprovedOnline, payment.Tap, c.brand)
				s.asked(1)
				card := taken.Card
				if len(card.Token) != 64 || len(card.Number) < 12 || card.Cryptogram == "" || card.ARC != "00" {
					t.Errorf("%+v", card)
				}
				if tones := s.hands.Tones(); s.desk.chips != 1 || len(tones) != 1 || tones[0] != driver.Success {
					t.Errorf("%d requests with a chip, tones %v", s.desk.chips, s.hands.Tones())
				}
			})
		})
	}
}

// TestLockedPhones asks for the phone again once it is unlocked.
func TestLockedPhones(t *testing.T) {
	for _, c := range []struct {
		country, card, brand string
		total                uint64
	}{
		{"US", "visa-phone-locked", "visa", 1250},
		{"US", "mastercard-phone-locked", "mastercard", 1250},
		{"US", "amex-phone-locked", "amex", 50000}, // asks for its owner only where the reader wants a verification
		{"US", "jcb-phone-locked", "jcb", 1250},
		{"US", "discover-phone-locked", "discover", 1250},
		{"US", "unionpay-phone-locked", "unionpay", 1250},
		{"CA", "interac-phone-locked", "interac", 1250},
	} {
		t.Run(c.card, func(t *testing.T) {
			open(t, c.country, func(s *shop) { s.order.Amounts.Total = c.total }, func(s *shop) {
				phone := s.card(c.card)
				s.tap(phone)
				s.hands.Leave()
				time.Sleep(10 * time.Second)
				s.sees("prompt contact+contactless+stripe msg.20")
				s.tap(phone)
				s.wants(kernel.ApprovedOnline, payment.Tap, c.brand)
				s.asked(1)
			})
		})
	}
}

// TestOnlinePINOfATap asks for a PIN once the card has been read, and enciphers it for the host.
func TestOnlinePINOfATap(t *testing.T) {
	for _, c := range []struct {
		does string
		kind kernel.Kind
		err  error
		pins int
	}{
		{card.TestPIN, kernel.ApprovedOnline, nil, 1},
		{"cancel", 0, payment.ErrCustomerCancelled, 0},
		{"bypass", 0, payment.ErrCustomerCancelled, 0},
		{"timeout", kernel.Terminated, nil, 0},
		{"broken", kernel.Terminated, nil, 0},
	} {
		t.Run(c.does, func(t *testing.T) {
			open(t, "US", func(s *shop) { s.pad.does = []string{c.does} }, func(s *shop) {
				s.tap(s.card("unionpay-debit")) // an online PIN, whatever the amount
				taken := s.finished()
				if taken.Kind != c.kind || !errors.Is(s.err, c.err) || len(s.desk.pins) != c.pins {
					t.Errorf("%v because of %v, %v, PINs %d", taken.Kind, taken.Why, s.err, len(s.desk.pins))
				}
				if c.pins > 0 && (s.desk.pins[0] != card.TestPIN || taken.Card.CVM != "online-pin") {
					t.Errorf("the host finds %q; %+v", s.desk.pins[0], taken.Card)
				}
				if c.pins == 0 && len(s.desk.verdicts) != 0 {
					t.Error("the host was asked")
				}
			})
		})
	}
}

// TestATapThatEndsElsewhere goes on by the interface that card or host ask for.
func TestATapThatEndsElsewhere(t *testing.T) {
	t.Run("the card wants the chip", func(t *testing.T) {
		open(t, "US", nil, func(s *shop) {
			s.tap(s.card("visa-switch"))
			s.hands.Leave()
			synctest.Wait()
			s.sees("prompt contact+stripe use-chip")
			s.insert(s.card("visa-contact"))
			s.wants(kernel.ApprovedOnline, payment.Insert, "visa")
			s.asked(1)
		})
	})
	t.Run("the host wants the chip", func(t *testing.T) {
		open(t, "US", func(s *shop) { s.desk.arc = "65" }, func(s *shop) {
			s.tap(s.card("mastercard-credit"))
			s.hands.Leave()
			s.desk.arc = ""
			s.sees("prompt contact use-chip")
			s.insert(s.card("mastercard-contact"))
			s.wants(kernel.ApprovedOnline, payment.Insert, "mastercard")
			s.asked(2)
		})
	})
	t.Run("the host wants the chip, and there is no slot", func(t *testing.T) {
		open(t, "US", func(s *shop) {
			s.desk.arc, s.order.Entries = "65", []payment.Entry{payment.Tap}
		}, func(s *shop) {
			s.tap(s.card("mastercard-credit"))
			s.wants(kernel.DeclinedOnline, payment.Tap, "mastercard")
		})
	})
	t.Run("a chip comes while the phone is unlocked", func(t *testing.T) {
		open(t, "US", nil, func(s *shop) {
			s.tap(s.card("visa-phone-locked"))
			s.hands.Leave()
			time.Sleep(10 * time.Second)
			s.insert(s.card("visa-contact"))
			s.wants(kernel.ApprovedOnline, payment.Insert, "visa")
			s.asked(1)
		})
	})
	t.Run("a stripe comes while the phone is unlocked", func(t *testing.T) {
		open(t, "US", nil, func(s *shop) {
			s.tap(s.card("visa-phone-locked"))
			s.hands.Leave()
			time.Sleep(10 * time.Second)
			s.swipe(plainStripe)
			s.wants(kernel.ApprovedOnline, payment.Swipe, "visa")
		})
	})
	t.Run("a brand that is not taken stays in the field", func(t *testing.T) {
		open(t, "US", nil, func(s *shop) {
			s.tap(s.card("interac-debit"))
			time.Sleep(time.Minute)
			select {
			case <-s.done:
				t.Fatalf("%+v, %v", s.taken, s.err)
			default:
			}
			s.hands.Leave()
			s.tap(s.card("visa-credit"))
			s.wants(kernel.ApprovedOnline, payment.Tap, "visa")
		})
	})
}

// TestTapAnswers is what the host or the card decides.
func TestTapAnswers(t *testing.T) {
	for _, c := range []struct {
		name, card string
		set        func(*shop)
		kind       kernel.Kind
		asked      int
	}{
		{"declined", "visa-credit", func(s *shop) { s.desk.arc = "05" }, kernel.DeclinedOnline, 1},
		{"unable", "visa-credit", func(s *shop) { s.desk.unable = true }, kernel.DeclinedOnline, 1},
		{"the card declines", "amex-declines", nil, kernel.Declined, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			open(t, "US", c.set, func(s *shop) {
				s.tap(s.card(c.card))
				if taken := s.finished(); taken.Kind != c.kind || s.err != nil {
					t.Errorf("%v because of %v, %v", taken.Kind, taken.Why, s.err)
				}
				s.asked(c.asked)
			})
		})
	}
}

// TestIssuerUpdate brings the card the issuer's answer with a second tap, and does not wait for it longer than it must: the
// host's decision stands then.
func TestIssuerUpdate(t *testing.T) {
	for _, c := range []struct{ card, brand string }{
		{"visa-issuer-update", "visa"},
		{"jcb-issuer-update", "jcb"},
		{"jcb-issuer-hold", "jcb"}, // stays in the field until the issuer has answered
		{"discover-issuer-update", "discover"},
	} {
		for _, back := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, %t", c.card, back), func(t *testing.T) {
				open(t, "US", func(s *shop) {
					s.desk.updates = true
					if !back || c.card != "jcb-issuer-hold" {
						s.desk.ask = s.hands.Leave
					}
				}, func(s *shop) {
					tapped := s.card(c.card)
					s.tap(tapped)
					if back && c.card != "jcb-issuer-hold" {
						s.sees("prompt contact+contactless+stripe tap-again")
						if err := s.hands.Insert(contacts{s.card("mastercard-contact")}, nil); err != nil {
							t.Fatal(err)
						}
						synctest.Wait() // another card by another interface is nobody's business now
						s.asked(1)
						s.tap(tapped)
					}
					taken, kind := s.finished(), kernel.ApprovedOnline
					if back {
						kind = kernel.Approved // by the kernel, in the second tap
					}
					if s.err != nil || taken.Kind != kind || taken.Card.Brand != c.brand || taken.Card.Entry != payment.Tap {
						t.Errorf("%v because of %v, %+v, %v", taken.Kind, taken.Why, taken.Card, s.err)
					}
					s.asked(1)
				})
			})
		}
	}
}

// TestTwoCards asks for one card only.
func TestTwoCards(t *testing.T) {
	open(t, "US", func(s *shop) { // before anything is armed: a card that is alone for a moment has won
		s.hands.Tap(s.card("visa-credit"), nil)
		s.hands.Tap(s.card("visa-debit"), nil)
	}, func(s *shop) {
		time.Sleep(time.Second)
		s.sees("prompt contact+contactless+stripe one-card-only")
		s.asked(0)
		s.hands.Leave()
		s.tap(s.card("visa-credit"))
		s.wants(kernel.ApprovedOnline, payment.Tap, "visa")
	})
}

// TestNoFieldAboveTheLimit leaves the field off where the amount is allowed to no application of a tap (Book B, 3.1.1.13).
func TestNoFieldAboveTheLimit(t *testing.T) {
	for total, kinds := range map[uint64]string{1249: "contact+contactless+stripe", 1250: "contact+stripe"} {
		open(t, "US", func(s *shop) {
			s.profile(`"floor": 0`, `"floor": 0, "transaction": 1249, "on_device": 1249`) // the highest amount that is still allowed
			s.order.Amounts.Total = total
			s.config.Profile.Applications = slices.DeleteFunc(s.config.Profile.Applications, func(a profile.Application) bool {
				return a.Contactless != nil && a.Brand != "visa" // kernels with limits of their own are asked themselves
			})
		}, func(s *shop) { s.sees("prompt " + kinds + " ") })
	}
}

// TestTooOften ends a payment for which cards are presented for ever.
func TestTooOften(t *testing.T) {
	open(t, "US", nil, func(s *shop) {
		taps := 0
		for running := true; running && taps < 20; taps++ {
			s.tap(s.card("interac-debit"))
			s.hands.Leave()
			time.Sleep(time.Second)
			synctest.Wait()
			select {
			case <-s.done:
				running = false
			default:
			}
		}
		if taken := s.finished(); s.err != nil || taken.Kind != kernel.EndApplication || taken.Why.Code != reader.CodeTries || taps != 8 {
			t.Errorf("%v because of %v, %v after %d taps", taken.Kind, taken.Why, s.err, taps)
		}
	})
}

// TestSecondReader has lights and tones where the card is.
func TestSecondReader(t *testing.T) {
	var other *simulated.Reader
	open(t, "US", func(s *shop) {
		other = simulated.New(simulated.Config{
			Identity: driver.Identity{Name: "other"}, Kinds: driver.Contactless, Clock: clock{},
		})
		s.config.Readers = append(s.config.Readers, other)
	}, func(s *shop) {
		if s.hands.Lit() != 1 || other.Lit() != 1 {
			t.Errorf("ready: %04b, %04b", s.hands.Lit(), other.Lit())
		}
		lit := uint8(0)
		s.desk.ask = func() { lit = other.Lit() }
		other.Tap(s.card("visa-credit"), nil)
		s.wants(kernel.ApprovedOnline, payment.Tap, "visa")
		if len(s.hands.Tones()) != 0 || len(other.Tones()) != 1 || lit != 15 || other.Lit() != 0 {
			t.Errorf("tones %v and %v, lights %04b", s.hands.Tones(), other.Tones(), lit)
		}
		_ = other.Close()
	})
}

// TestNoScreen pays where nobody is shown anything.
func TestNoScreen(t *testing.T) {
	for _, name := range []string{"visa-credit", "contact-no-pse"} {
		open(t, "US", func(s *shop) { s.config.Screen = nil }, func(s *shop) {
			if name == "visa-credit" {
				s.tap(s.card(name))
			} else {
				s.insert(s.card(name))
			}
			if taken := s.finished(); s.err != nil || taken.Kind != kernel.ApprovedOnline {
				t.Errorf("%v because of %v, %v", taken.Kind, taken.Why, s.err)
			}
		})
	}
}

// TestNoKeys sends nothing where nothing can be enciphered.
func TestNoKeys(t *testing.T) {
	broken := errors.New("the key store is gone")
	open(t, "US", func(s *shop) { s.keys.fails = broken }, func(s *shop) {
		s.tap(s.card("visa-credit"))
		s.finished()
		if !errors.Is(s.err, broken) || len(s.desk.sealed) != 0 {
			t.Errorf("%+v, %v", s.taken, s.err)
		}
	})
}

// TestNoWayOn gives the result of the one interface that the order allows.
func TestNoWayOn(t *testing.T) {
	open(t, "US", func(s *shop) { s.order.Entries = []payment.Entry{payment.Tap} }, func(s *shop) {
		s.tap(s.card("visa-switch"))
		if taken := s.finished(); s.err != nil || taken.Kind != kernel.TryAnotherInterface {
			t.Errorf("%v because of %v, %v", taken.Kind, taken.Why, s.err)
		}
	})
}

// TestHostileNumber ends a payment by a card whose number is none that a message can carry: it is the card's fault, and
// nothing is sent.
func TestHostileNumber(t *testing.T) {
	for _, track := range []string{"476173D49122010000", "4761739001010010476D49122010000000001234"} {
		value, err := hex.DecodeString(track)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"visa-credit", "visa-contact"} {
			open(t, "US", nil, func(s *shop) {
				c, err := card.New(card.Config{Profile: name, Set: map[tlv.Tag][]byte{0x57: value, 0x5A: nil}})
				if err != nil {
					t.Fatal(err)
				}
				if name == "visa-contact" {
					s.insert(c)
				} else {
					s.tap(c)
				}
				synctest.Wait()
				if s.asked(0); len(s.desk.sealed) != 0 {
					t.Errorf("%s: something was sent", name)
				}
				s.cancel(nil)
				<-s.done
				if s.err != nil && !errors.Is(s.err, context.Canceled) {
					t.Errorf("%s: %v", name, s.err)
				}
			})
		}
	}
}
