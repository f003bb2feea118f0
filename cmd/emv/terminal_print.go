package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/dock"
)

// printWhere says where a terminal is and what it is made of.
func printWhere(out *lines, s style.Style, st *station.Station, at terminal.Addresses, o *station.Options) {
	name := o.Setup.Name
	if name == "" {
		name = "Terminal"
	}
	p := o.Setup.Profile
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s, %s\n\n", s.Strong(name), p.Country.Name, p.Currency.Alpha)
	row := func(what, where, note string) {
		fmt.Fprintf(&b, "  %-17s %s  %s\n", what, s.Value(where), s.Faint(note))
	}
	row("customer display", at.Display, "open it in this machine's browser")
	if url := st.CounterURL(); url != "" {
		row("the counter", url, "be the customer: cards, PIN pad, dock, bank")
	}
	row("pair a till", "emv pos serve", pairText(st))
	if tills := st.Terminal.Tills(); len(tills) > 0 {
		row("paired", tillsText(tills), "shut one out with --unpair")
	}
	fmt.Fprintf(&b, "\n  %s\n", s.Faint(strings.Join([]string{
		readersText(&o.Setup), bankText(&o.Setup), keysText(st), "state in " + o.Setup.State,
	}, "\n  ")))
	fmt.Fprintf(&b, "  %s\n", s.Faint("tills connect to port "+portOf(at.Session)+"; Ctrl-C ends it"))
	out.print(b.String())
}

// tillsText names tills with their ids.
func tillsText(tills []terminal.Till) string {
	if len(tills) == 0 {
		return "none"
	}
	list := make([]string, len(tills))
	for i, t := range tills {
		list[i] = fmt.Sprintf("%s (%s)", style.Clean(t.Name), t.ID)
	}
	return strings.Join(list, ", ")
}

func pairText(st *station.Station) string {
	if st.Counter == nil {
		return "scan the code on the display"
	}
	return "scan the code on the display, or copy it at the counter"
}

func portOf(a net.Addr) string {
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return port
}

func readersText(s *setup.Setup) string {
	if len(s.Readers) == 0 {
		return "reader simulated"
	}
	return "reader " + strings.Join(s.Readers, ", ")
}

func bankText(s *setup.Setup) string {
	switch {
	case s.Host == nil:
		return "bank simulated: it forgets everything at the end"
	case s.Host.TLS == nil:
		return "bank " + s.Host.Address + ", without TLS"
	}
	return "bank " + s.Host.Address
}

func keysText(st *station.Station) string {
	if st.Keys.Hardware() {
		return "keys in the TPM"
	}
	return "keys in software, in " + st.KeyDir
}

// dockDevice reads VENDOR:PRODUCT.
func dockDevice(id string) ([]dock.USBID, error) {
	d, err := dock.ParseUSBID(id)
	if err != nil {
		return nil, usage("--dock usb:VENDOR:PRODUCT has two numbers as lsusb prints them: usb:0bda:8153")
	}
	return []dock.USBID{d}, nil
}

// heldLines holds lines back until they are released: what happens is told after where.
type heldLines struct {
	mu   sync.Mutex
	to   *lines
	open bool
	held []string
}

func (h *heldLines) print(s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open {
		h.to.print(s)
	} else {
		h.held = append(h.held, s)
	}
}

func (h *heldLines) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = true
	for _, s := range h.held {
		h.to.print(s)
	}
	h.held = nil
}

// logPrinter prints log records as lines for people: time, message, and what belongs to it.
type logPrinter struct {
	print func(string)
	s     style.Style
	attrs []slog.Attr
	group string
}

// Enabled drops what is only for those who look for a fault.
func (*logPrinter) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle prints a record.
func (p *logPrinter) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	add := func(a slog.Attr) bool {
		if v := a.Value.Resolve().String(); v != "" {
			fmt.Fprintf(&b, " %s=%s", p.group+a.Key, quoted(v))
		}
		return true
	}
	for _, a := range p.attrs {
		add(a)
	}
	r.Attrs(add)
	what := r.Message + p.s.Faint(b.String())
	if r.Level >= slog.LevelWarn {
		what = p.s.Bad(strings.ToLower(r.Level.String())+":") + " " + what
	}
	p.print(logLine(p.s, "terminal", what))
	return nil
}

// quoted puts quotes around a value that would not be read as one.
func quoted(v string) string {
	if strings.ContainsFunc(v, func(r rune) bool { return r == ' ' || r == '"' || r == '=' || !unicode.IsPrint(r) }) {
		return fmt.Sprintf("%q", v)
	}
	return v
}

// WithAttrs returns a printer that adds attributes.
func (p *logPrinter) WithAttrs(a []slog.Attr) slog.Handler {
	q := *p
	q.attrs = append(slices.Clone(p.attrs), a...)
	return &q
}

// WithGroup returns a printer whose attributes have a word in front.
func (p *logPrinter) WithGroup(name string) slog.Handler {
	q := *p
	q.group += name + "."
	return &q
}

// logLine is a line of what happens.
func logLine(s style.Style, who, what string) string {
	return s.Faint(time.Now().Format(time.TimeOnly)) + fmt.Sprintf("  %-8s  ", who) + what
}
