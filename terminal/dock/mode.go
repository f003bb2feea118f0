package dock

import (
	"context"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
)

// Mode is what the device is at a time.
type Mode int

// The modes. PRODUCT S1
const (
	Mobile Mode = iota // a till of its own, used by staff
	Docked             // card terminal and customer display of another till
)

func (m Mode) String() string {
	if m == Docked {
		return "docked"
	}
	return "mobile"
}

func modeOf(docked bool) Mode {
	if docked {
		return Docked
	}
	return Mobile
}

// Hooks are what the rest of the device does when the mode changes. They are called one at a time, from Run:
// Enter (Settle (Stay | Leave Enter))*. When Leave is called the machine has wiped the staff tokens and closed the scanner
// already: a hook that hangs does not keep them.
type Hooks interface {
	// Settle says that the mode is going to be left. No payment begins from then on; Settle returns when the one under
	// way has ended, finished or reversed, or when ctx ends because the device is back.
	Settle(ctx context.Context, from Mode)

	// Stay takes Settle back: the device is back, and payments may begin again.
	Stay(in Mode)

	// Leave ends what belongs to the mode: in docked mode the sessions of tills, the cart and the customer display; in
	// mobile mode the staff's app. S80, S87, S90
	Leave(from Mode)

	// Enter begins what belongs to the mode.
	Enter(to Mode)
}

// Debounce is how long the signal must hold a level before it counts. PRODUCT S1
const Debounce = 300 * time.Millisecond

// Config is what a Machine works with.
type Config struct {
	Dock  Dock
	Staff *Staff        // nil is a device without a mode of its own for staff
	Hooks Hooks         // nil does nothing
	Clock pairing.Clock // nil is the system's

	Debounce time.Duration // 0 is the constant
}
