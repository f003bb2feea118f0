package counter

import (
	"crypto/subtle"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/dock"
)

// StaffPIN is what everybody signs in with. It is a PIN for tests, and the page tells it.
const StaffPIN = "2580"

// What staff can't do now, besides the refusals of terminal/dock.
var (
	ErrNoStaff  = &kernel.Error{Code: "counter.no_staff", Text: "this terminal has no mode for staff"}
	ErrStaffPIN = &kernel.Error{Code: "counter.staff_pin", Text: "that is not the PIN of the staff"}
	ErrSignedIn = &kernel.Error{Code: "counter.signed_in", Text: "somebody is signed in already"}
	ErrName     = &kernel.Error{Code: "counter.name", Text: "a name has up to 32 letters"}
)

// maxName bounds a name, in letters.
const maxName = 32

// isName takes letters of all scripts and what stands between them. Digits are none: nobody's PIN gets into a log as a name.
func isName(s string) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxName {
		return false
	}
	letters := false
	for _, r := range s {
		letter := unicode.IsLetter(r)
		letters = letters || letter
		if !letter && !unicode.IsMark(r) && !strings.ContainsRune(" -'’.", r) {
			return false
		}
	}
	return letters
}

// SignIn has a member of staff sign in to the device itself. The token stays here: no page and no answer has it. The errors
// are ErrName, ErrStaffPIN, ErrSignedIn, and dock.CodeDocked. S80, S90
func (c *Counter) SignIn(name, pin string) error {
	if c.config.Staff == nil {
		return ErrNoStaff
	}
	name = strings.TrimSpace(name)
	if !isName(name) {
		return ErrName
	}
	if subtle.ConstantTimeCompare([]byte(pin), []byte(StaffPIN)) != 1 {
		return ErrStaffPIN
	}
	if err := c.signIn(name); err != nil {
		return err
	}
	c.did("%s signed in", name)
	return nil
}

func (c *Counter) signIn(name string) error {
	c.staff.Lock()
	defer c.staff.Unlock()
	if _, err := c.who(); err == nil {
		return ErrSignedIn
	}
	t, err := c.config.Staff.SignIn(name)
	if err != nil {
		return err
	}
	c.token = t
	t.Wipe()
	return nil
}

// who returns who is signed in. The terminal wipes its tokens at each change of the mode; the one here goes when it is found
// to hold no longer. c.staff is held.
func (c *Counter) who() (string, error) {
	name, err := c.config.Staff.Name(c.token)
	if err != nil {
		c.token.Wipe()
	}
	return name, err
}

// SignOut ends it. The error is dock.CodeSignedOut where nobody was signed in.
func (c *Counter) SignOut() error {
	return c.byStaff("%s signed out", func(t dock.Token) error {
		defer c.token.Wipe()
		return c.config.Staff.SignOut(t)
	})
}

// Scanning opens the scanner, or closes it. The error is dock.CodeSignedOut. S86
func (c *Counter) Scanning(on bool) error {
	if on {
		return c.byStaff("%s opened the scanner", func(t dock.Token) error { return c.config.Staff.Scan(t) })
	}
	return c.byStaff("%s closed the scanner", func(t dock.Token) error { return c.config.Staff.StopScan(t) })
}

// byStaff does what a token is needed for, and says who did it.
func (c *Counter) byStaff(what string, do func(dock.Token) error) error {
	if c.config.Staff == nil {
		return ErrNoStaff
	}
	name, err := func() (string, error) {
		c.staff.Lock()
		defer c.staff.Unlock()
		name, err := c.who()
		if err == nil {
			err = do(c.token)
		}
		return name, err
	}()
	if err != nil {
		return err
	}
	c.did(what, name)
	return nil
}

// Scan holds a barcode to the scanner. The errors are ErrBarcode and ErrScannerClosed.
func (c *Counter) Scan(code string) error {
	if c.config.Scanner == nil {
		return ErrNoStaff
	}
	if err := c.config.Scanner.Scan(code); err != nil {
		return err
	}
	c.did("a barcode was scanned")
	return nil
}

// StaffState is who uses the device out of the dock.
type StaffState struct {
	Mobile  bool   `json:"mobile"`            // out of the dock, where staff may sign in
	Name    string `json:"name"`              // who is signed in; "" is nobody
	Scanner string `json:"scanner"`           // "open", "closed"
	Barcode string `json:"barcode,omitempty"` // came last since the scanner was opened
}

func (c *Counter) staffState() *StaffState {
	if c.config.Staff == nil {
		return nil
	}
	s := &StaffState{Scanner: "closed"}
	c.staff.Lock()
	s.Name, _ = c.who()
	c.staff.Unlock()
	if c.config.Mode != nil {
		s.Mobile = c.config.Mode() == dock.Mobile
	}
	if c.config.Scanner != nil && c.config.Scanner.Handles() > 0 {
		s.Scanner, s.Barcode = "open", c.config.Scanner.Scanned()
	}
	return s
}
