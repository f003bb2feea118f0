package terminal_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

// TestPostPayment shows the merchant's message after an approval as the text that it is: at most 200 graphemes, without what
// turns the direction of the line or breaks it. S64
func TestPostPayment(t *testing.T) {
	for name, c := range map[string]struct{ message, want string }{
		"plain":         {"See you soon", "See you soon"},
		"markup":        {"<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"},
		"other way":     {"Paid \u202e05.21$\u202c", "Paid 05.21$"},
		"isolates":      {"\u2066a\u2067b\u2068c\u2069", "abc"},
		"controls":      {"one\x00two\x1b[2J\r\nthree\u2028four", "one two [2J three four"},
		"right to left": {"شكرا لكم", "شكرا لكم"},
		"too long":      {strings.Repeat("👩\u200d🍳", 300), strings.Repeat("👩\u200d🍳", text.MaxGraphemes-1) + "…"},
		"marks":         {"e" + strings.Repeat("\u0301", 2000), "e"},
		"nothing":       {" \u200b\u2028\t ", "Thank you!"}, // as without a message
	} {
		t.Run(name, func(t *testing.T) {
			s, k := counter(t, "US", func(s *shop) { s.config.PostPayment = map[string]string{"": c.message} })
			paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
			s.screen(display.Present)
			s.hands.Tap(s.card("visa-credit"), nil)
			s.wants(paid, wire.Approved, "")
			st := s.screen(display.Approved)
			if name == "marks" { // some stay, not thousands
				if n := len([]rune(st.Text)); n > 200 || !strings.HasPrefix(st.Text, c.want) {
					t.Errorf("%d runes: %.40q", n, st.Text)
				}
			} else if st.Text != c.want {
				t.Errorf("%q, want %q", st.Text, c.want)
			}
			if strings.IndexFunc(st.Text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) >= 0 {
				t.Errorf("%q", st.Text)
			}
		})
	}
}
