package dock

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/cardwright/emv/terminal/wire"
)

// Token is what a member of staff shows after signing in. It masks itself; Text gives it out.
type Token [16]byte

// Text returns the token as 32 hex digits, for whoever signed in and nobody else.
func (t *Token) Text() string { return hex.EncodeToString(t[:]) }

// ParseToken reads what Text returned. The error is CodeSignedOut, whatever is wrong.
func ParseToken(s string) (t Token, err error) {
	if len(s) != 2*len(t) {
		return Token{}, signedOut()
	}
	if _, err := hex.Decode(t[:], []byte(s)); err != nil {
		return Token{}, signedOut()
	}
	return t, nil
}

// Wipe overwrites the token.
func (t *Token) Wipe() { clear(t[:]) }

// String masks.
func (Token) String() string { return "****" }

// Format masks, whatever the verb.
func (t Token) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, t.String()) }

// LogValue masks.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalJSON masks.
func (Token) MarshalJSON() ([]byte, error) { return []byte(`"****"`), nil }

// MaxStaff is how many may be signed in at a time; one more signs out the one who came first.
const MaxStaff = 16

// Staff is who is signed in to the device itself. Whoever calls SignIn has found out that they may: a PIN or password is
// not looked at here. Tokens are in memory only and do not outlive the mode: every change of it wipes them, and in docked
// mode nobody signs in. S80, S87, S90
//
// The scanner belongs to it because it is open only for staff. S86
type Staff struct {
	rand    io.Reader
	scanner Scanner

	mu       sync.Mutex
	admits   bool // the device is in mobile mode
	sessions []staffSession
	scanning bool
}

type staffSession struct {
	name  string
	token *Token
}

// NewStaff takes a source of randomness and a scanner, nil for a device without one. A Machine admits staff; until it runs
// nobody can sign in.
func NewStaff(rand io.Reader, scanner Scanner) *Staff {
	return &Staff{rand: rand, scanner: scanner, sessions: make([]staffSession, 0, MaxStaff)}
}

// SignIn makes a token for a name. The errors are CodeDocked, and that of the randomness.
func (s *Staff) SignIn(name string) (Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.admits {
		return Token{}, inDock()
	}
	t := new(Token)
	if _, err := io.ReadFull(s.rand, t[:]); err != nil {
		return Token{}, fmt.Errorf("dock: randomness: %w", err)
	}
	if len(s.sessions) == MaxStaff {
		s.forget(0)
	}
	s.sessions = append(s.sessions, staffSession{name, t})
	return *t, nil
}

// Name returns who signed in with a token. The error is CodeSignedOut.
func (s *Staff) Name(t Token) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.find(t)
	if err != nil {
		return "", err
	}
	return s.sessions[i].name, nil
}

// SignOut ends a session, and with the last one closes the scanner. A token that does not hold is no error.
func (s *Staff) SignOut(t Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, err := s.find(t); err == nil {
		s.forget(i)
	}
	if len(s.sessions) == 0 {
		return s.closeScanner()
	}
	return nil
}

// find looks at every session, so that the time taken tells nothing of a token.
func (s *Staff) find(t Token) (int, error) {
	at := -1
	for i, of := range s.sessions {
		at = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(of.token[:], t[:]), i, at)
	}
	if at < 0 {
		return 0, signedOut()
	}
	return at, nil
}

func (s *Staff) forget(i int) {
	s.sessions[i].token.Wipe()
	copy(s.sessions[i:], s.sessions[i+1:])
	last := len(s.sessions) - 1
	s.sessions[last] = staffSession{}
	s.sessions = s.sessions[:last]
}

// open admits staff: mobile mode has begun.
func (s *Staff) open() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.admits = true
}

// shut wipes every token, closes the scanner and admits nobody.
func (s *Staff) shut() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.admits = false
	for len(s.sessions) > 0 {
		s.forget(len(s.sessions) - 1)
	}
	_ = s.closeScanner() // there is nobody left to tell; it counts as closed
}

func signedOut() error { return wire.Refuse(CodeSignedOut, "nobody is signed in with this token") }
func inDock() error    { return wire.Refuse(CodeDocked, "the device is in its dock") }
