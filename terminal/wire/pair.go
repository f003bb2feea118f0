package wire

import "encoding/json"

// PairHello is what a till that scanned a code sends first on the pairing port, as JSON behind four bytes of length.
// PRODUCT 3.1.
type PairHello struct {
	CodeID     Bytes    `json:"code_id"` // 8 bytes: which code was scanned; see docs/protocol.md
	Protocol   Range    `json:"protocol"`
	AppVersion Version  `json:"app_version"`
	Platform   string   `json:"platform"` // "ios", "android", "linux", "windows", "macos", "web", …
	PosID      string   `json:"pos_id"`
	Name       string   `json:"name"`     // shown to whoever finds the terminal held
	Merchant   string   `json:"merchant"` // "" before a stand-alone till has paired for the first time
	Location   string   `json:"location"`
	Country    string   `json:"country,omitempty"`
	Networks   []string `json:"networks"` // prefixes of the till's interfaces: "192.0.2.0/24"
	PosSPKI    Bytes    `json:"pos_spki"` // SubjectPublicKeyInfo of the till's certificate, DER
	Chain      []Bytes  `json:"loc_cert_chain,omitempty"`
	MACP       Bytes    `json:"mac_p"` // 32 bytes
}

// Check refuses what is outside the schema.
func (h *PairHello) Check() error {
	if len(h.PosSPKI) == 0 || len(h.PosSPKI) > 512 {
		return bad("pos_spki: 1 to 512 bytes")
	}
	for _, c := range h.Chain {
		if len(c) == 0 || len(c) > 4096 {
			return bad("loc_cert_chain: certificates have 1 to 4096 bytes")
		}
	}
	return first(length("code_id", h.CodeID, 8), h.Protocol.Check(), identifier("platform", h.Platform),
		identifier("pos_id", h.PosID), text("name", h.Name), optional(identifier, "merchant", h.Merchant),
		optional(identifier, "location", h.Location), optional(country, "country", h.Country), networks(h.Networks),
		count("loc_cert_chain", len(h.Chain), 4), length("mac_p", h.MACP, 32))
}

// PairOK is the terminal's answer to a till that it takes.
type PairOK struct {
	MACT       Bytes        `json:"mac_t"` // 32 bytes
	Protocol   Protocol     `json:"protocol"`
	TerminalID string       `json:"terminal_id"`
	Name       string       `json:"name"`
	Merchant   string       `json:"merchant"`
	Location   string       `json:"location"`
	Country    string       `json:"country"`
	Caps       Capabilities `json:"caps"`
	Config     uint64       `json:"config_version"`
	Addresses  []string     `json:"addresses"`  // of the session port, Ethernet first
	ResumeKey  Key          `json:"resume_key"` // 32 bytes: names the two to each other on the network
}

// Check refuses what is outside the schema.
func (o *PairOK) Check() error {
	return first(length("mac_t", o.MACT, 32), identifier("terminal_id", o.TerminalID), text("name", o.Name),
		identifier("merchant", o.Merchant), identifier("location", o.Location), country("country", o.Country),
		addresses(o.Addresses), length("resume_key", o.ResumeKey, 32))
}

// PairAnswer is one of the two: taken or refused.
type PairAnswer struct {
	OK    *PairOK `json:"ok,omitempty"`
	Error *Error  `json:"error,omitempty"`
}

// Check refuses an answer that is neither or both.
func (a *PairAnswer) Check() error {
	switch {
	case (a.OK == nil) == (a.Error == nil):
		return bad("answer: ok or error")
	case a.OK != nil:
		return a.OK.Check()
	default:
		return a.Error.Check()
	}
}

// PairStart is what a till whose user typed a code sends first: its share of SPAKE2+ (RFC 9383).
type PairStart struct {
	ShareP Bytes `json:"share_p"` // '04' x y, 65 bytes
}

// Check refuses what is outside the schema. Whether the share is a point, the exchange tells.
func (s *PairStart) Check() error { return length("share_p", s.ShareP, 65) }

// PairFirst is one of the two with which a till begins. The member share_p makes it a PairStart.
type PairFirst struct {
	Hello *PairHello
	Start *PairStart
}

// UnmarshalJSON reads either.
func (f *PairFirst) UnmarshalJSON(b []byte) error {
	var typed struct {
		ShareP json.RawMessage `json:"share_p"`
	}
	if err := unmarshal(b, &typed); err != nil {
		return err
	}
	*f = PairFirst{}
	if typed.ShareP != nil {
		f.Start = new(PairStart)
		return unmarshal(b, f.Start)
	}
	f.Hello = new(PairHello)
	return unmarshal(b, f.Hello)
}

// MarshalJSON writes the one that is there.
func (f *PairFirst) MarshalJSON() ([]byte, error) {
	if f.Start != nil {
		return json.Marshal(f.Start)
	}
	return json.Marshal(f.Hello)
}

// Check refuses a first message that is neither or both, and what is outside the schema.
func (f *PairFirst) Check() error {
	switch {
	case (f.Hello == nil) == (f.Start == nil):
		return bad("first message: hello or start")
	case f.Start != nil:
		return f.Start.Check()
	default:
		return f.Hello.Check()
	}
}

// PairShare is the terminal's share, and its proof that it knows the code.
type PairShare struct {
	TerminalID string `json:"terminal_id"`
	ShareV     Bytes  `json:"share_v"`   // '04' x y, 65 bytes
	ConfirmV   Bytes  `json:"confirm_v"` // 32 bytes
}

// Check refuses what is outside the schema.
func (s *PairShare) Check() error {
	return first(identifier("terminal_id", s.TerminalID), length("share_v", s.ShareV, 65), length("confirm_v", s.ConfirmV, 32))
}

// PairShareAnswer is one of the two: a share, or a refusal.
type PairShareAnswer struct {
	Share *PairShare `json:"share,omitempty"`
	Error *Error     `json:"error,omitempty"`
}

// Check refuses an answer that is neither or both.
func (a *PairShareAnswer) Check() error {
	switch {
	case (a.Share == nil) == (a.Error == nil):
		return bad("answer: share or error")
	case a.Share != nil:
		return a.Share.Check()
	default:
		return a.Error.Check()
	}
}

// PairConfirm is the till's proof that it knows the typed code, with the hello of a till that scanned one. The secret
// that its code_id and mac_p are made with comes from the exchange. A PairAnswer follows.
type PairConfirm struct {
	ConfirmP Bytes     `json:"confirm_p"` // 32 bytes
	Hello    PairHello `json:"hello"`
}

// Check refuses what is outside the schema.
func (c *PairConfirm) Check() error {
	return first(length("confirm_p", c.ConfirmP, 32), c.Hello.Check())
}

// Capabilities is what a terminal has. S3.
type Capabilities struct {
	Contact bool `json:"contact"`
	NFC     bool `json:"nfc"`
	MSR     bool `json:"msr"`
	Screen  bool `json:"screen"`
	Scanner bool `json:"scanner"`
	Battery bool `json:"battery"`
}

// Check refuses what is outside the schema.
func (e *Error) Check() error {
	if len(e.Detail) > 512 {
		return bad("error: detail")
	}
	if e.Final != nil {
		if err := e.Final.Check(); err != nil {
			return err
		}
	}
	return first(identifier("code", string(e.Code)), text("holder", e.Holder), optional(identifier, "least", e.Least),
		optional(requestID, "request_id", e.RequestID))
}

func optional(check func(where, s string) error, where, s string) error {
	if s == "" {
		return nil
	}
	return check(where, s)
}
