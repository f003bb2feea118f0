package terminal_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/display"
)

// sockets are the sockets on which this process can be reached, as the kernel of the machine knows them: TCP that listens and
// UDP that is bound to nobody else.
func sockets(t *testing.T) map[string]bool {
	t.Helper()
	own := map[string]bool{}
	for _, fd := range must[[]string](t)(filepath.Glob("/proc/self/fd/*")) {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:[") {
			own[strings.Trim(to, "socket:[]")] = true
		}
	}
	open := map[string]bool{}
	for name, state := range map[string]string{"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"} {
		table, err := os.ReadFile("/proc/self/net/" + name)
		if os.IsNotExist(err) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(table)) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == state && own[f[9]] {
				open[name[:3]+" "+f[1]] = true
			}
		}
	}
	return open
}

// TestListeners counts the ports of each state, at the machine's and not at the terminal's word: only the display's without a
// dock; session, presence and display in it; and the pairing port as long as a code is shown. S21
func TestListeners(t *testing.T) {
	var before map[string]bool
	s := open(t, "US", func(s *shop) {
		s.config.NoSSDP, s.config.NoDNSSD = true, true
		s.dock.Undock()
		before = sockets(t)
	})
	own := func() (list []string) {
		for _, at := range slices.Sorted(maps.Keys(sockets(t))) {
			if !before[at] {
				list = append(list, at[:3])
			}
		}
		return list
	}
	wants := func(when string, want ...string) {
		t.Helper()
		var got []string
		until(t, when, func() bool { got = own(); return slices.Equal(got, want) })
	}
	s.screen(display.Message)
	wants("mobile: the display", "tcp")
	s.dock.Dock()
	s.screen(display.QR)
	wants("a code is shown: display, session, pairing, presence", "tcp", "tcp", "tcp", "udp")
	k := s.till("till-1")
	s.pair(k)
	wants("paired: display, session, presence", "tcp", "tcp", "udp")
	s.page.do(t, display.Action{Kind: display.ActOpen})
	s.screen(display.Settings)
	s.page.do(t, display.Action{Kind: display.ActRestore})
	s.screen(display.QR)
	wants("a code is shown again", "tcp", "tcp", "tcp", "udp")
	s.dock.Undock()
	wants("mobile again: the display", "tcp")
}
