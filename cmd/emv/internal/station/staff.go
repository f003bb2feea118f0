package station

import (
	"crypto/rand"

	"github.com/cardwright/emv/cmd/emv/internal/counter"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/dock"
)

// staff lets staff sign in at the counter while the terminal is out of its dock, where they have a simulated scanner. A
// terminal without a dock has no mode for them. S86, S90
func (s *Station) staff(c *terminal.Config) {
	if c.Dock == nil {
		return
	}
	s.Scanner = &counter.Scanner{}
	s.Staff = dock.NewStaff(rand.Reader, s.Scanner)
	c.Staff = s.Staff
}

// mode returns in which mode the terminal is.
func (s *Station) mode() dock.Mode {
	if s.Terminal == nil {
		return dock.Docked
	}
	return s.Terminal.Mode()
}
