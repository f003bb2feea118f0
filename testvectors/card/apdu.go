package card

import "github.com/cardwright/emv/tlv"

// Status words (ISO/IEC 7816-4; Book 3, 6.3.5).
const (
	swOK            = 0x9000
	swAuthFailed    = 0x6300 // issuer authentication failed
	swWrongLength   = 0x6700
	swInvalidated   = 0x6984
	swSecurity      = 0x6982 // security status not satisfied
	swConditions    = 0x6985 // conditions of use not satisfied
	swNotAllowed    = 0x6986 // command not allowed
	swWrongData     = 0x6A80
	swNotFound      = 0x6A82
	swRecordMissing = 0x6A83
	swWrongP1P2     = 0x6A86
	swDataMissing   = 0x6A88
	swUnknownINS    = 0x6D00
	swUnknownCLA    = 0x6E00
)

// Instructions (Book 3, 6.5; Book 1, 11.3).
const (
	insExternalAuthenticate = 0x82
	insSelect               = 0xA4
	insOptions              = 0xA8
	insReadRecord           = 0xB2
	insGetData              = 0xCA
)

// response is what a command gives.
type response struct {
	body []byte
	sw   uint16
}

func status(sw uint16) response { return response{sw: sw} }

// command is a short command APDU (ISO/IEC 7816-3, 12.1).
type command struct {
	raw              []byte
	cla, ins, p1, p2 byte
	data             []byte
}

// parseCommand takes a command apart. It reports false for what is no short APDU.
func parseCommand(b []byte) (command, bool) {
	if len(b) < 4 {
		return command{}, false
	}
	cmd := command{raw: b, cla: b[0], ins: b[1], p1: b[2], p2: b[3]}
	if len(b) <= 5 { // no data: cases 1 and 2
		return cmd, true
	}
	n := int(b[4])
	if n == 0 || (len(b) != 5+n && len(b) != 6+n) { // data, and perhaps Le: cases 3 and 4
		return command{}, false
	}
	cmd.data = b[5 : 5+n]
	return cmd, true
}

// dispatch answers one command.
func (c *Card) dispatch(b []byte) (response, error) {
	cmd, ok := parseCommand(b)
	if !ok {
		return status(swWrongLength), nil
	}
	if a, ok := c.profile.scheme.(*contactCard); ok {
		return a.answer(c, &cmd)
	}
	switch {
	case cmd.cla == 0x00 && cmd.ins == insSelect:
		return c.selectFile(&cmd), nil
	case cmd.cla == 0x80 && cmd.ins == insOptions:
		return c.options(&cmd)
	case cmd.cla == 0x00 && cmd.ins == insReadRecord:
		return c.readRecord(&cmd), nil
	case cmd.cla == 0x80 && cmd.ins == insGetData:
		return c.getData(&cmd), nil
	}
	if c.session.selected >= 0 {
		if r, known, err := c.profile.scheme.command(c, &cmd); known || err != nil {
			return r, err
		}
	}
	switch cmd.cla {
	case 0x00, 0x80, 0x84, 0x8C:
		return status(swUnknownINS), nil
	}
	return status(swUnknownCLA), nil
}

// getData answers GET DATA for the counters that a card gives, and for what its scheme has besides (Book 3, 6.5.7).
func (c *Card) getData(cmd *command) response {
	if c.session.selected < 0 {
		return status(swConditions)
	}
	if cmd.p1 == 0x9F && cmd.p2 == 0x36 {
		return response{body: c.appendObject(nil, tagATC, []byte{byte(c.atc >> 8), byte(c.atc)}), sw: swOK}
	}
	if s, ok := c.profile.scheme.(interface {
		data(c *Card, t tlv.Tag) []byte
	}); ok {
		if t := tlv.Tag(cmd.p1)<<8 | tlv.Tag(cmd.p2); len(s.data(c, t)) > 0 {
			return response{body: c.appendObject(nil, t, s.data(c, t)), sw: swOK}
		}
	}
	return status(swDataMissing)
}
