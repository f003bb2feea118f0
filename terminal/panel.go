package terminal

import (
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/text"
)

// facts fills the settings panel. S52
func (t *Terminal) facts() display.Facts {
	language := text.Pick(t.c.Appearance.Language)
	var f display.Facts
	if s := t.display.State(); s.Screen == display.Settings { // else it would change every second, and every page with it
		if at, ok := t.heard(); ok {
			seconds := int(max(0, t.c.Clock.Now().Sub(at)) / time.Second)
			f.Connection = append(f.Connection, display.Row{Label: "settings.heartbeat", Value: text.Count("value.seconds", language, seconds)})
		}
	}
	if t.cert.Leaf != nil {
		f.Connection = append(f.Connection, display.Row{Label: "settings.certificate", Value: t.cert.Leaf.NotAfter.Format(time.DateOnly)})
	}
	if q, pending := t.engine.Queue(), len(t.engine.Pending()); pending > 0 { // P6
		good := !q.Full
		value := strconv.Itoa(pending)
		if q.Count > 0 {
			value += " · " + t.sum(q)
		}
		f.Connection = append(f.Connection, display.Row{Label: "settings.waiting", Value: value, Good: &good})
		f.Waits = true
	}
	list := t.net.list()
	for _, i := range list {
		if len(f.Network) >= maxRows {
			break
		}
		value := i.Name
		switch i.Link {
		case Ethernet:
			value += " · " + text.Get("value.ethernet", language)
		case WiFi:
			value += " · " + text.Get("value.wifi", language)
		default:
		}
		good := true
		f.Network = append(f.Network, display.Row{Label: "settings.interface", Value: value, Good: &good})
		var at []string
		for _, a := range addresses([]Interface{i}) {
			at = append(at, a.String())
		}
		f.Network = append(f.Network, display.Row{Label: "settings.address", Value: strings.Join(at, ", ")})
	}
	if len(list) == 0 {
		f.Network = append(f.Network, display.Row{Label: "settings.interface", Value: "value.none", Good: new(bool)})
	}
	f.Device = append(f.Device,
		display.Row{Label: "settings.terminal", Value: t.c.Name + " · " + t.state.id.String()[:8]},
		display.Row{Label: "settings.store", Value: t.store()},
	)
	if t.c.Version != "" {
		f.Device = append(f.Device, display.Row{Label: "settings.version", Value: t.c.Version})
	}
	if p := t.host.power.Load(); p != nil {
		f.Device = append(f.Device, powerRow(*p, language))
	}
	place := t.c.KeyPlace
	if place == "" {
		place = t.c.Store.Name()
	}
	f.Device = append(f.Device, display.Row{Label: "settings.key", Value: place})
	return f
}

// powerRow says how full the battery is, and what somebody should do about it. S27, S92
func powerRow(p dock.Power, language string) display.Row {
	var parts []string
	if p.Battery && p.Percent >= 0 {
		parts = append(parts, strconv.Itoa(min(p.Percent, 100))+" %")
	}
	warnings := p.Warnings()
	for _, w := range warnings {
		parts = append(parts, text.Get(string(w), language))
	}
	good := len(warnings) == 0
	if len(parts) == 0 {
		parts = []string{"–"}
	}
	return display.Row{Label: "settings.power", Value: strings.Join(parts, " · "), Good: &good}
}

// sum is what the stored payments come to, and since when the oldest waits.
func (t *Terminal) sum(q payment.Queue) string {
	m := t.screen.coins.money(q.Sum, q.Currency)
	text := text.Amount(m.Minor, m.Currency, m.Exponent, t.tag())
	return text + " · " + q.Oldest.In(t.c.Clock.Now().Location()).Format("2006-01-02 15:04")
}

// tag is the language of the panel, with the region that says how amounts are written.
func (t *Terminal) tag() string {
	tag := text.Pick(t.c.Appearance.Language)
	if t.c.Appearance.Region != "" {
		tag += "-" + t.c.Appearance.Region
	}
	return tag
}

// maxRows bounds what of the network is listed.
const maxRows = 16

// store is the merchant and the location. That of a terminal on its own is a number that says nothing to anybody.
func (t *Terminal) store() string {
	if t.policy.Merchant == standalone {
		return t.policy.Merchant
	}
	return t.policy.Merchant + " · " + t.policy.Location
}

// heard returns when the last frame of any till came.
func (t *Terminal) heard() (last time.Time, ok bool) {
	for _, till := range t.server.Tills() {
		if at, listens := till.Heard(); listens && at.After(last) {
			last, ok = at, true
		}
	}
	return last, ok
}
