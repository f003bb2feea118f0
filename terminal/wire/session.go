package wire

import "net/netip"

// Hello is a till's first frame on a connection. Location, country and versions are told again: an app may have been
// updated, or signed in elsewhere, since the two paired.
type Hello struct {
	Protocol   Range    `json:"protocol"`
	AppVersion Version  `json:"app_version"`
	Platform   string   `json:"platform"`
	PosID      string   `json:"pos_id"`
	Name       string   `json:"name"`
	Merchant   string   `json:"merchant"`
	Location   string   `json:"location"`
	Country    string   `json:"country,omitempty"`
	Networks   []string `json:"networks"`

	// Stream names the till's numbering of frames: made anew when the till has forgotten the old one. Peer and LastSeq say
	// which of the terminal's frames the till handled last; "" and 0 for none.
	Stream  string `json:"stream"`
	Peer    string `json:"peer,omitempty"`
	LastSeq uint64 `json:"last_seq"`

	// Epoch grows with every connection of a stream: an old connection that is late cannot replace a newer one.
	Epoch uint64 `json:"epoch"`
}

// Check refuses what is outside the schema.
func (h *Hello) Check() error {
	if h.LastSeq > MaxSeq || h.Epoch > MaxSeq {
		return bad("hello: a number above 2^53-1")
	}
	return first(h.Protocol.Check(), identifier("platform", h.Platform), identifier("pos_id", h.PosID), text("name", h.Name),
		identifier("merchant", h.Merchant), identifier("location", h.Location), optional(country, "country", h.Country),
		networks(h.Networks), identifier("stream", h.Stream), optional(identifier, "peer", h.Peer))
}

// Welcome is the terminal's answer. Session is the same for all connections of a till until the terminal restarts.
type Welcome struct {
	Protocol   Protocol     `json:"protocol"`
	Session    string       `json:"session"`
	TerminalID string       `json:"terminal_id"`
	Name       string       `json:"name"`
	Country    string       `json:"country"`
	Caps       Capabilities `json:"caps"`
	Config     uint64       `json:"config_version"`
	Addresses  []string     `json:"addresses"`
	Stream     string       `json:"stream"`
	Peer       string       `json:"peer,omitempty"`
	LastSeq    uint64       `json:"last_seq"`
	Lease      Lease        `json:"lease"`
	Status     Status       `json:"status"`
}

// Check refuses what is outside the schema.
func (w *Welcome) Check() error {
	if w.LastSeq > MaxSeq {
		return bad("welcome: last_seq above 2^53-1")
	}
	return first(identifier("session", w.Session), identifier("terminal_id", w.TerminalID), text("name", w.Name),
		country("country", w.Country), addresses(w.Addresses), identifier("stream", w.Stream),
		optional(identifier, "peer", w.Peer), w.Lease.Check(), w.Status.Check())
}

// Heartbeat says that a side is there. A terminal tells what waits in it.
type Heartbeat struct {
	Time int64 `json:"time"` // of the sender, Unix milliseconds: a clock that is off is seen

	// Payments that the card has approved and the host has not heard of, or not answered. P6
	Queued    int   `json:"queued,omitempty"`
	QueuedSum int64 `json:"queued_sum,omitempty"` // minor units
	OldestAge int64 `json:"oldest_age,omitempty"` // seconds
	QueueFull bool  `json:"queue_full,omitempty"` // a cap is reached: nothing more is stored until the host is back

	Unanswered int `json:"unanswered,omitempty"` // reversals and advices that the host has not answered
}

// Check refuses what is outside the schema.
func (h *Heartbeat) Check() error {
	if h.Queued < 0 || h.OldestAge < 0 || h.Unanswered < 0 {
		return bad("heartbeat: a negative number")
	}
	return amount("queued_sum", h.QueuedSum)
}

// AddrUpdate tells a till where the terminal is from now on, best first. S32.
type AddrUpdate struct {
	Addresses []string `json:"addresses"`
}

// Check refuses what is outside the schema.
func (a *AddrUpdate) Check() error { return addresses(a.Addresses) }

// SessionMove says that a connection takes the place of an older one of the same stream.
type SessionMove struct {
	Epoch uint64 `json:"epoch"`
}

// Check refuses what is outside the schema.
func (m *SessionMove) Check() error {
	if m.Epoch > MaxSeq {
		return bad("epoch above 2^53-1")
	}
	return nil
}

// LeaseAsk asks for the lease; TakeOver, of whoever holds it. It is refused while a payment is active.
type LeaseAsk struct {
	TakeOver bool `json:"take_over,omitempty"`
}

// Check accepts every value.
func (*LeaseAsk) Check() error { return nil }

// LeaseGive gives the lease back.
type LeaseGive struct {
	Epoch uint64 `json:"epoch"`
}

// Check refuses what is outside the schema.
func (g *LeaseGive) Check() error { return (&SessionMove{g.Epoch}).Check() }

// Lease tells who may command the terminal. Every command carries the epoch; an older one is refused with E_FENCED. P13.
type Lease struct {
	Owner string `json:"owner,omitempty"` // pos_id, "" for nobody
	Name  string `json:"name,omitempty"`
	Epoch uint64 `json:"epoch"`
}

// Check refuses what is outside the schema.
func (l *Lease) Check() error {
	return first(optional(identifier, "owner", l.Owner), text("name", l.Name), (&SessionMove{l.Epoch}).Check())
}

// StatusAsk asks what the terminal is doing.
type StatusAsk struct{}

// Check accepts every value.
func (*StatusAsk) Check() error { return nil }

// Status is what a terminal is doing: enough for a till's list of readers.
type Status struct {
	State     string `json:"state"`                // "ready", "busy", "not_ready"
	Cause     Code   `json:"cause,omitempty"`      // why it is not ready
	RequestID string `json:"request_id,omitempty"` // of the payment under way
	Holder    string `json:"holder,omitempty"`     // the name of the till that holds the terminal
	Docked    bool   `json:"docked"`
	CardIn    bool   `json:"card_in"`           // P16
	Battery   *int   `json:"battery,omitempty"` // per cent
	Charging  bool   `json:"charging,omitempty"`
}

// Check refuses what is outside the schema.
func (s *Status) Check() error {
	if s.Battery != nil && (*s.Battery < 0 || *s.Battery > 100) {
		return bad("battery: 0 to 100")
	}
	return first(oneOf("state", s.State, "ready", "busy", "not_ready"), optional(identifier, "cause", string(s.Cause)),
		optional(requestID, "request_id", s.RequestID), text("holder", s.Holder))
}

func addresses(list []string) error {
	for _, a := range list {
		if len(a) > MaxID {
			return bad("addresses: too long")
		}
		if _, err := netip.ParseAddrPort(a); err != nil {
			return bad("addresses: not ADDRESS:PORT")
		}
	}
	return count("addresses", len(list), MaxList)
}

func networks(list []string) error {
	for _, n := range list {
		if len(n) > MaxID {
			return bad("networks: too long")
		}
		if _, err := netip.ParsePrefix(n); err != nil {
			return bad("networks: not ADDRESS/BITS")
		}
	}
	return count("networks", len(list), MaxList)
}
