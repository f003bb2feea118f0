//go:build pcsc

package pcsc

import (
	"context"
	"encoding/binary"

	"github.com/ebfe/scard"
)

// Features that readers tell through SCardControl (PC/SC part 10, 2.2 and 2.6).
const (
	codeFeatures      = 3400 // CM_IOCTL_GET_FEATURE_REQUEST
	featureProperties = 0x12 // FEATURE_GET_TLV_PROPERTIES
	propertyMaxAPDU   = 0x0A // dwMaxAPDUDataSize: 0 means short APDUs only
)

// Extended reports whether extended lengths pass: never under T=0, else what the reader says. One that does not say counts
// as able, since the service itself passes them.
func (s *session) Extended() bool {
	s.mu.Lock()
	t0, there := s.protocol == scard.ProtocolT0, s.there
	s.mu.Unlock()
	if !there || t0 {
		return false
	}
	most, err := call(context.Background(), s, s.reader.options.answer(), func() int { return maxAPDU(s.card) }, nil)
	return err == nil && most != 0
}

// maxAPDU returns the reader's longest APDU, 0 for short ones only and -1 where it does not say.
func maxAPDU(card *scard.Card) int {
	if card == nil {
		return 0
	}
	list, err := card.Control(scard.CtlCode(codeFeatures), nil)
	if err != nil {
		return -1
	}
	code, ok := find(list, featureProperties)
	if !ok || len(code) != 4 {
		return -1
	}
	properties, err := card.Control(binary.BigEndian.Uint32(code), nil)
	if err != nil {
		return -1
	}
	v, ok := find(properties, propertyMaxAPDU)
	if !ok || len(v) != 4 {
		return -1
	}
	return int(binary.LittleEndian.Uint32(v))
}

// find returns the value of a tag in a list of one-byte tags and lengths.
func find(list []byte, tag byte) ([]byte, bool) {
	for len(list) >= 2 {
		n := int(list[1])
		if len(list) < 2+n {
			return nil, false
		}
		if list[0] == tag {
			return list[2 : 2+n], true
		}
		list = list[2+n:]
	}
	return nil, false
}
