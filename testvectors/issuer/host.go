package issuer

import (
	"errors"
	"slices"

	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// Cryptogram is the type of an application cryptogram, b8 and b7 of the CID (Book 3, Table 14).
type Cryptogram byte

// The types.
const (
	AAC  Cryptogram = 0x00 // the card declined
	TC   Cryptogram = 0x40 // the card approved
	ARQC Cryptogram = 0x80 // the card wants to go online
)

// String returns the abbreviation.
func (c Cryptogram) String() string {
	switch c {
	case AAC:
		return "AAC"
	case TC:
		return "TC"
	case ARQC:
		return "ARQC"
	}
	return "RFU"
}

// Config is what a host decides by. The zero Config approves every message whose cryptogram is valid and no AAC.
type Config struct {
	// MasterKeys are the issuer master keys of 16 bytes by derivation key index. Nil stands for TestMasterKey under
	// index '01', which is how the simulated cards are personalised.
	MasterKeys map[byte][]byte

	Unable  bool     // the host does not answer
	Decline bool     // decline everything
	Limit   uint64   // largest amount that is approved, in minor units; 0 for no limit
	HotList []string // card numbers, digits only, that are declined

	// ApproveARC and DeclineARC are the Authorisation Response Codes; zero stands for "00" and "05".
	ApproveARC, DeclineARC [2]byte

	// Scripts are whole issuer script templates (71, 72), one after the other, sent with every answer to a valid message.
	// They are sent as they are: a message authentication code in them is the caller's to compute.
	Scripts []byte

	// Commands are script commands that the host computes itself, with their message authentication codes, and sends behind
	// Scripts in the answer to a valid ARQC.
	Commands []Command
}

// TestMasterKey returns the issuer master key of the simulated cards, 16 bytes. It is published, and no secret.
func TestMasterKey() []byte {
	return []byte{
		0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF,
		0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
	}
}

// Verdict is what a host says to a message.
type Verdict struct {
	Scheme     emv.Scheme // whose card it is, by RID and Issuer Application Data; "" where they can't be read
	Cryptogram Cryptogram // its type, by the Card Verification Results
	Valid      bool       // it is the card's over these data, and no replay
	Approved   bool
	Unable     bool    // no answer: the fields below are empty
	ARC        [2]byte // Authorisation Response Code, tag 8A
	AuthData   []byte  // Issuer Authentication Data, value of tag 91; only for a valid ARQC
	Scripts    []byte  // whole templates 71 and 72
	Why        string  // one of the Why constants, or the code of the error
}

// Host is a simulated issuer host.
type Host struct {
	config Config
	keys   map[byte]emv.Key
	seen   map[use]*state
}

// use is a counter value of a card.
type use struct {
	pan string
	psn byte
	atc [2]byte
}

// state is what became of the cryptogram with it.
type state struct {
	cryptogram                    emv.Cryptogram
	kind                          Cryptogram
	authorised, approved, cleared bool
}

// New returns a host that has seen no message. The error is CodeConfig.
func New(config Config) (*Host, error) {
	h := &Host{config: config, keys: map[byte]emv.Key{}, seen: map[use]*state{}}
	h.config.HotList, h.config.Scripts = slices.Clone(config.HotList), slices.Clone(config.Scripts)
	master := config.MasterKeys
	if master == nil {
		master = map[byte][]byte{0x01: TestMasterKey()}
	}
	for index, b := range master {
		key, err := emv.NewKey(b)
		if err != nil {
			return nil, &Error{Code: CodeConfig, Err: err}
		}
		h.keys[index] = key
	}
	for c := tlv.Read(config.Scripts); ; {
		if !c.Next() {
			if err := c.Err(); err != nil {
				return nil, &Error{Code: CodeConfig, Err: err}
			}
			break
		}
		if c.Tag() != 0x71 && c.Tag() != 0x72 {
			return nil, &Error{Code: CodeConfig, Tag: c.Tag()}
		}
	}
	h.config.Commands = slices.Clone(config.Commands)
	for i := range h.config.Commands {
		c := &h.config.Commands[i]
		c.Value = slices.Clone(c.Value)
		if err := c.check(); err != nil {
			return nil, &Error{Code: CodeConfig, Tag: c.Tag, Err: err}
		}
	}
	if h.config.ApproveARC == ([2]byte{}) {
		h.config.ApproveARC = [2]byte{'0', '0'}
	}
	if h.config.DeclineARC == ([2]byte{}) {
		h.config.DeclineARC = [2]byte{'0', '5'}
	}
	return h, nil
}

// Decide answers an authorisation. de55 is the value of DE55; it is not kept.
//
// A message that can't be read gives an error (see the codes) together with a verdict that declines. All that can be said
// of a message that can be read is in the verdict: a wrong cryptogram is not an error.
func (h *Host) Decide(de55 []byte) (Verdict, error) {
	if h.config.Unable {
		return Verdict{Unable: true, Why: WhyUnable}, nil
	}
	m, v, err := h.verify(de55)
	if err != nil || !v.Valid {
		return v, err
	}
	at := m.use()
	if h.seen[at] != nil {
		return h.invalid(v, WhyReplay), nil
	}
	v.Why = h.refusal(m)
	v.Approved = v.Why == WhyApproved
	if v.Approved {
		v.ARC = h.config.ApproveARC
	}
	h.seen[at] = &state{cryptogram: m.cryptogram, kind: m.kind, authorised: true, approved: v.Approved}
	v.Scripts = slices.Clone(h.config.Scripts)
	if v.Cryptogram == ARQC {
		if v.AuthData, err = h.answer(m, &v); err == nil {
			v.Scripts, err = h.appendCommands(v.Scripts, m)
		}
	}
	return v, err
}

// VerifyClearing says whether a transaction may be settled: one that the card approved offline (TC), or one that Decide
// approved, with the same cryptogram or with the TC of the second GENERATE AC. Each is cleared once; the second time is a
// replay. Config's rules do not apply. ARC, AuthData and Scripts stay empty.
func (h *Host) VerifyClearing(de55 []byte) (Verdict, error) {
	m, v, err := h.verify(de55)
	v.ARC = [2]byte{}
	if err != nil || !v.Valid {
		return v, err
	}
	at := m.use()
	s := h.seen[at]
	switch {
	case s != nil && (s.cleared || !m.follows(s)):
		v.Valid, v.Why = false, WhyReplay
		return v, nil
	case v.Cryptogram == AAC:
		v.Why = WhyCard
		return v, nil
	case s == nil && v.Cryptogram != TC || s != nil && !s.approved:
		v.Why = WhyUncleared
		return v, nil
	case s == nil:
		s = &state{cryptogram: m.cryptogram, kind: m.kind, approved: true}
		h.seen[at] = s
	}
	s.cleared = true
	v.Approved, v.Why = true, WhyApproved
	return v, nil
}

// follows reports whether a cryptogram belongs to the transaction that the host has seen: it is the same one, or that of
// the second GENERATE AC behind an ARQC. Where the layout tells nothing of a second one, the types have to.
func (m *message) follows(s *state) bool {
	if m.cryptogram == s.cryptogram {
		return true
	}
	return s.kind == ARQC && (m.second || m.scheme.types < 0 && m.kind != ARQC)
}

func (m *message) use() use { return use{m.pan, m.psn, m.atc} }

// verify reads a message and checks its cryptogram. Its verdict declines: what may be approved comes later.
func (h *Host) verify(de55 []byte) (*message, Verdict, error) {
	v := Verdict{ARC: h.config.DeclineARC}
	m, err := read(de55)
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			v.Why = e.Code
		}
		return nil, v, err
	}
	v.Cryptogram, v.Scheme = m.kind, m.scheme.name
	// The CID is not part of what cards compute over; the Card Verification Results are.
	if len(m.cid) == 1 && Cryptogram(m.cid[0]&typesMask) != m.kind || m.kind == typeUnusable {
		return m, h.invalid(v, WhyType), nil
	}
	var key emv.Key
	defer key.Wipe()
	known, err := h.cardKey(&key, m)
	if err != nil {
		return nil, v, err
	}
	if !known {
		return m, h.invalid(v, WhyKey), nil
	}
	ok, err := m.profile.Verify(&key, m.input, m.cryptogram[:])
	if err != nil {
		v.Why = CodeLength
		return nil, v, &Error{Code: CodeLength, Err: err}
	}
	if !ok {
		return m, h.invalid(v, WhyCryptogram), nil
	}
	v.Valid = true
	return m, v, nil
}

// cardKey derives the card's key (Book 2, A1.4.1; for AES A1.4.3). It reports false where there is no issuer master key
// for it.
func (h *Host) cardKey(dst *emv.Key, m *message) (bool, error) {
	master, known := h.keys[m.iad.DKI]
	if !known {
		return false, nil
	}
	return true, m.derive(dst, &master)
}

// derive makes dst the key of the message's card that an issuer master key gives.
func (m *message) derive(dst, master *emv.Key) error {
	option := emv.OptionA
	if m.profile.Cipher == emv.AES {
		option = emv.OptionC
	}
	if err := emv.MasterKey(dst, master, option, m.pan, m.psn); err != nil {
		return &Error{Code: CodePAN, Err: err}
	}
	return nil
}

// invalid makes a verdict that declines for a message that is not the card's.
func (h *Host) invalid(v Verdict, why string) Verdict {
	v.Valid, v.Approved, v.ARC, v.Why = false, false, h.config.DeclineARC, why
	return v
}

// refusal returns why a valid message is declined, or WhyApproved.
func (h *Host) refusal(m *message) string {
	switch {
	case m.kind == AAC:
		return WhyCard
	case h.config.Decline:
		return WhyDeclined
	case slices.Contains(h.config.HotList, m.pan):
		return WhyHotCard
	case h.config.Limit > 0 && m.amount > h.config.Limit:
		return WhyAmount
	}
	return WhyApproved
}

// csuApproves is the bit of the Card Status Update by which an issuer approves: byte 2 b8 (Book 2, 8.2.2; Book 3, C10).
const csuApproves = 0x80

// answer computes the Issuer Authentication Data, by the method of the card's cryptogram version.
func (h *Host) answer(m *message, v *Verdict) ([]byte, error) {
	var key emv.Key
	defer key.Wipe()
	if _, err := h.cardKey(&key, m); err != nil {
		return nil, err
	}
	r := emv.Response{ARC: m.scheme.response(v.Approved, v.ARC)}
	if v.Approved {
		r.CSU[1] = csuApproves
	}
	data, err := m.profile.AppendAuthData(nil, &key, m.input, m.cryptogram, r)
	if err != nil {
		return nil, &Error{Code: CodeLength, Err: err}
	}
	return data, nil
}
