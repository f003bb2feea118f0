package terminal

import (
	"strings"
	"time"

	"github.com/cardwright/emv/terminal/display"
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
		display.Row{Label: "settings.store", Value: t.policy.Merchant + " · " + t.policy.Location},
	)
	if t.c.Version != "" {
		f.Device = append(f.Device, display.Row{Label: "settings.version", Value: t.c.Version})
	}
	place := t.c.KeyPlace
	if place == "" {
		place = t.c.Store.Name()
	}
	f.Device = append(f.Device, display.Row{Label: "settings.key", Value: place})
	return f
}

// maxRows bounds what of the network is listed.
const maxRows = 16

// heard returns when the last frame of any till came.
func (t *Terminal) heard() (last time.Time, ok bool) {
	for _, till := range t.server.Tills() {
		if at, listens := till.Heard(); listens && at.After(last) {
			last, ok = at, true
		}
	}
	return last, ok
}
