package apdu

import "errors"

// The instructions that EMV uses (Book 3, table 6; Book 1, 11.3; C-2, 5).
const (
	InsSelect                       = 0xA4
	InsReadRecord                   = 0xB2
	InsGetProcessingOptions         = 0xA8
	InsGenerateAC                   = 0xAE
	InsExternalAuthenticate         = 0x82
	InsInternalAuthenticate         = 0x88
	InsVerify                       = 0x20
	InsGetChallenge                 = 0x84
	InsGetData                      = 0xCA
	InsPutData                      = 0xDA
	InsPINChangeUnblock             = 0x24
	InsApplicationBlock             = 0x1E
	InsApplicationUnblock           = 0x18
	InsCardBlock                    = 0x16
	InsComputeCryptographicChecksum = 0x2A
	InsExchangeRelayResistance      = 0xEA
	InsRecoverAC                    = 0xD0
	InsGetResponse                  = 0xC0
)

// AppendSelect appends SELECT by name, first or only occurrence (Book 1, 11.3.2).
func AppendSelect(dst, name []byte) []byte {
	dst = append(dst, 0x00, InsSelect, 0x04, 0x00, byte(len(name)))
	dst = append(dst, name...)
	return append(dst, 0x00)
}

// AppendReadRecord appends READ RECORD for one record of a file (Book 3, 6.5.11).
func AppendReadRecord(dst []byte, sfi, record byte) []byte {
	return append(dst, 0x00, InsReadRecord, record, sfi<<3|0x04, 0x00)
}

// MaxPDOLData is what fits into GET PROCESSING OPTIONS with its template.
const MaxPDOLData = 252

// AppendGetProcessingOptions appends GET PROCESSING OPTIONS with the data that the PDOL asked for, inside its template
// '83' (Book 3, 6.5.8). data must not exceed MaxPDOLData bytes.
func AppendGetProcessingOptions(dst, data []byte) []byte {
	head := 2
	if len(data) > 0x7F {
		head = 3
	}
	dst = append(dst, 0x80, InsGetProcessingOptions, 0x00, 0x00, byte(head+len(data)), 0x83)
	if head == 3 {
		dst = append(dst, 0x81)
	}
	dst = append(dst, byte(len(data)))
	dst = append(dst, data...)
	return append(dst, 0x00)
}

// AppendCommand appends a command with its data, where there are any, and Le 00.
func AppendCommand(dst []byte, cla, ins, p1, p2 byte, data []byte) []byte {
	dst = append(dst, cla, ins, p1, p2)
	if len(data) > 0 {
		dst = append(append(dst, byte(len(data))), data...)
	}
	return append(dst, 0x00)
}

// AppendGenerateAC appends GENERATE AC (Book 3, 6.5.5). A CDOL that asks for nothing leaves the data field out.
func AppendGenerateAC(dst []byte, p1 byte, data []byte) []byte {
	return AppendCommand(dst, 0x80, InsGenerateAC, p1, 0x00, data)
}

// AppendExternalAuthenticate appends EXTERNAL AUTHENTICATE (Book 3, 6.5.4). It expects no data back.
func AppendExternalAuthenticate(dst, data []byte) []byte {
	dst = append(dst, 0x00, InsExternalAuthenticate, 0x00, 0x00, byte(len(data)))
	return append(dst, data...)
}

// Command is a command APDU taken apart. Data aliases the bytes it was read from.
type Command struct {
	CLA, INS, P1, P2 byte
	Data             []byte // nil where there is no Lc
	Le               int    // -1 where there is none; 256 and 65536 for the codings of zero
}

// ErrCommand means that bytes are not one command APDU.
var ErrCommand = errors.New("apdu.command: not a command APDU of ISO/IEC 7816-4")

// ParseCommand reads a command APDU in any of the forms of ISO/IEC 7816-4, 5.1, extended lengths included.
func ParseCommand(b []byte) (Command, error) {
	if len(b) < 4 {
		return Command{}, ErrCommand
	}
	c := Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3], Le: -1}
	body := b[4:]
	switch {
	case len(body) == 0:
		return c, nil
	case len(body) == 1:
		c.Le = int(body[0])
		if c.Le == 0 {
			c.Le = 256
		}
		return c, nil
	case body[0] != 0:
		return c.short(body)
	case len(body) >= 3:
		return c.extended(body)
	}
	return Command{}, ErrCommand
}

func (c Command) short(body []byte) (Command, error) {
	n := int(body[0])
	body = body[1:]
	if len(body) < n || len(body) > n+1 {
		return Command{}, ErrCommand
	}
	c.Data = body[:n:n]
	if len(body) > n {
		if c.Le = int(body[n]); c.Le == 0 {
			c.Le = 256
		}
	}
	return c, nil
}

func (c Command) extended(body []byte) (Command, error) {
	n := int(body[1])<<8 | int(body[2])
	body = body[3:]
	if len(body) == 0 { // no data, Le in three bytes
		if c.Le = n; n == 0 {
			c.Le = 65536
		}
		return c, nil
	}
	if n == 0 || len(body) != n && len(body) != n+2 {
		return Command{}, ErrCommand
	}
	c.Data = body[:n:n]
	if len(body) > n {
		if c.Le = int(body[n])<<8 | int(body[n+1]); c.Le == 0 {
			c.Le = 65536
		}
	}
	return c, nil
}

// Name returns the command's name as the books print it, and "unknown command" for one that they do not have.
func (c Command) Name() string {
	switch c.INS {
	case InsSelect:
		return "SELECT"
	case InsReadRecord:
		return "READ RECORD"
	case InsGetProcessingOptions:
		return "GET PROCESSING OPTIONS"
	case InsGenerateAC:
		return "GENERATE AC"
	case InsExternalAuthenticate:
		return "EXTERNAL AUTHENTICATE"
	case InsInternalAuthenticate:
		return "INTERNAL AUTHENTICATE"
	case InsVerify:
		return "VERIFY"
	case InsGetChallenge:
		return "GET CHALLENGE"
	case InsGetData:
		return "GET DATA"
	case InsPutData:
		return "PUT DATA"
	case InsPINChangeUnblock:
		return "PIN CHANGE/UNBLOCK"
	case InsApplicationBlock:
		return "APPLICATION BLOCK"
	case InsApplicationUnblock:
		return "APPLICATION UNBLOCK"
	case InsCardBlock:
		return "CARD BLOCK"
	case InsComputeCryptographicChecksum:
		return "COMPUTE CRYPTOGRAPHIC CHECKSUM"
	case InsExchangeRelayResistance:
		return "EXCHANGE RELAY RESISTANCE DATA"
	case InsRecoverAC:
		return "RECOVER AC"
	case InsGetResponse:
		return "GET RESPONSE"
	}
	return "unknown command"
}
