package pairing

import (
	"crypto/rand"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/spake2plus"
	"github.com/cardwright/emv/terminal/wire"
)

// However strangers go about it, they have fewer than forty guesses an hour. They have an address for each guess, spoil
// some codes, and then for an hour use two tries of each.
func TestGuesses(t *testing.T) {
	const hours = 4
	for _, spoils := range []int{0, 4, 1000} {
		var c typed
		begin := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		address := netip.MustParseAddr("10.0.0.0")
		guesses, spoiled, calmed := 0, 0, begin
		for now := begin; now.Before(begin.Add(hours * time.Hour)); {
			shown, _, err := c.draw(now, Pin{1}, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			if shown == "" {
				if _, err := c.begin(now, address.Next()); err == nil {
					t.Fatal("a try without a code on the screen")
				}
				now = now.Add(Redraw)
				continue
			}
			if spoiled == spoils && !now.Before(calmed) {
				spoiled = 0
			}
			most := tries - 1
			if spoiled < spoils {
				most = tries
			}
			for c.code.begun < most {
				address = address.Next()
				y, err := c.begin(now, address)
				if err != nil {
					t.Fatal(err)
				}
				guesses++
				_ = y.settle(false, now)
			}
			if c.code.end != wire.CodeSpoiled {
				now = now.Add(Redraw)
				continue
			}
			spoiled++
			calmed = c.next().Add(calm)
			if len(c.hosts) > maxHosts {
				t.Fatalf("%d addresses are kept", len(c.hosts))
			}
		}
		t.Logf("%d codes spoiled, then calm: %d guesses in %d hours", spoils, guesses, hours)
		if guesses >= 40*hours || guesses < hours {
			t.Errorf("%d guesses in %d hours", guesses, hours)
		}
	}
}

// A code that runs out while a try of it is under way is over, though nobody has drawn the next one yet.
func TestSettleLate(t *testing.T) {
	var c typed
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if _, _, err := c.draw(now, Pin{1}, rand.Reader); err != nil {
		t.Fatal(err)
	}
	y, err := c.begin(now.Add(Life-1), netip.MustParseAddr("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := y.settle(true, now.Add(Life)); code(err) != wire.CodeExpired {
		t.Errorf("%v", err)
	}
	if c.code.record != (spake2plus.Record{}) || y.record != (spake2plus.Record{}) || c.code.digits != (digits{}) {
		t.Error("the code is over, and still in memory")
	}
	_, err = c.begin(now.Add(Life), netip.MustParseAddr("10.0.0.1"))
	if code(err) != wire.CodeExpired {
		t.Errorf("%v", err)
	}
}

func code(err error) wire.Code {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
