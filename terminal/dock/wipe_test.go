package dock

import (
	"strings"
	"testing"
)

// S80: no token of before is left in memory, whichever way a session ends.
func TestTokensAreWiped(t *testing.T) {
	for name, end := range map[string]func(*Staff, Token){
		"mode":     func(s *Staff, _ Token) { s.shut() },
		"sign out": func(s *Staff, t Token) { _ = s.SignOut(t) },
		"too many": func(s *Staff, _ Token) {
			for range MaxStaff {
				if _, err := s.SignIn("next"); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		s := NewStaff(strings.NewReader(strings.Repeat("x", 16*(MaxStaff+1))), nil)
		s.open()
		token, err := s.SignIn("Ada")
		if err != nil {
			t.Fatal(err)
		}
		held := s.sessions[0].token
		if *held != token {
			t.Fatal("not the token that is held")
		}
		end(s, token)
		if *held != (Token{}) {
			t.Errorf("%s: not wiped", name)
		}
	}
}
