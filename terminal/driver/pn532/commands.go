package pn532

import (
	"context"
	"fmt"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
)

// Command codes (UM0701-02, 7.2 and 7.3).
const (
	cmdDiagnose            = 0x00
	cmdGetFirmwareVersion  = 0x02
	cmdWriteRegister       = 0x08
	cmdSetParameters       = 0x12
	cmdSAMConfiguration    = 0x14
	cmdRFConfiguration     = 0x32
	cmdInDataExchange      = 0x40
	cmdInCommunicateThru   = 0x42
	cmdInListPassiveTarget = 0x4A
	cmdInRelease           = 0x52
)

const (
	shortTime = 200 * time.Millisecond // for what the chip does by itself
	listTime  = time.Second            // for anticollision and activation
)

// setUp brings the chip from any state to that of a reader whose field is off.
func (l *link) setUp(ctx context.Context) (driver.Identity, error) {
	var id driver.Identity
	if err := l.transport.Wake(); err != nil {
		return id, fmt.Errorf("%w: %w", driver.ErrGone, err)
	}
	// 7.2.10: normal mode, no timeout, no use of the interrupt line. The first command after power down is this one.
	if _, err := l.repeat(ctx, shortTime, []byte{cmdSAMConfiguration, 0x01, 0x00, 0x00}); err != nil {
		return id, err
	}
	r, err := l.repeat(ctx, shortTime, []byte{cmdGetFirmwareVersion}) // 7.2.2
	if err != nil {
		return id, err
	}
	if len(r.data) < 4 || r.data[0] != 0x32 {
		return id, fmt.Errorf("%w: it is no PN532", driver.ErrDevice)
	}
	id.Maker, id.Model = "NXP", "PN532"
	id.Firmware = fmt.Sprintf("%d.%d", r.data[1], r.data[2])
	for _, command := range [][]byte{
		{cmdSetParameters, 0x14},                     // 7.2.9: RATS by itself; neither NAD nor DID
		{cmdRFConfiguration, 0x02, 0x00, 0x0B, 0x05}, // 7.3.1: 1.6 ms for an answer to a raw frame
		{cmdRFConfiguration, 0x04, 0x00},             // no second try of a raw frame
		{cmdRFConfiguration, 0x05, 0xFF, 0x01, 0x00}, // one try of passive activation: the driver polls
		{cmdRFConfiguration, 0x01, 0x00},             // field off
	} {
		if _, err := l.repeat(ctx, shortTime, command); err != nil {
			return id, err
		}
	}
	return id, nil
}

// setField switches the field (UM0701-02, 7.3.1, item 01).
func (l *link) setField(ctx context.Context, on bool) error {
	b := byte(0)
	if on {
		b = 1
	}
	_, err := l.repeat(ctx, shortTime, []byte{cmdRFConfiguration, 0x01, b})
	return err
}

// target is a card that was activated.
type target struct {
	number byte
	typeB  bool
	layer4 bool   // it speaks ISO/IEC 14443-4
	answer []byte // ATS, or ATQB
}

// Modulations of InListPassiveTarget (UM0701-02, 7.3.5).
const (
	typeA = 0x00
	typeB = 0x03
)

// list looks for up to two cards of a type and activates what it finds. It is sent once: a card that is activated already
// does not answer a second time.
func (l *link) list(ctx context.Context, kind byte) ([]target, error) {
	command := []byte{cmdInListPassiveTarget, 0x02, kind}
	if kind == typeB {
		command = append(command, 0x00) // AFI: all applications (Book D, 6.3.1)
	}
	r, err := l.send(ctx, listTime, command)
	if err != nil {
		return nil, err
	}
	return parseTargets(r.data, kind)
}

var errTargets = fmt.Errorf("%w: the chip's list of targets is cut short", kernel.ErrProtocol)

// parseTargets reads NbTg and TargetData (UM0701-02, 7.3.5).
func parseTargets(b []byte, kind byte) ([]target, error) {
	if len(b) == 0 || b[0] > 2 {
		return nil, errTargets
	}
	targets := make([]target, 0, 2)
	n, b := int(b[0]), b[1:]
	for range n {
		t := target{typeB: kind == typeB}
		size := 0
		if t.typeB { // Tg, ATQB of 12 bytes, length of the ATTRIB response, that response
			if len(b) < 14 || len(b) < 14+int(b[13]) {
				return nil, errTargets
			}
			t.answer = append(t.answer, b[1:13]...)
			t.layer4 = b[11]&0x01 != 0 // ISO/IEC 14443-3, 7.9.4.4: protocol type, the second byte of protocol info
			size = 14 + int(b[13])
		} else { // Tg, SENS_RES, SEL_RES, length of NFCID1, NFCID1; then the ATS, which begins with its length
			if len(b) < 5 || len(b) < 5+int(b[4]) {
				return nil, errTargets
			}
			t.layer4 = b[3]&0x20 != 0 // SAK bit 6 (Book D, 5.5.1)
			size = 5 + int(b[4])
			if t.layer4 {
				if len(b) <= size || b[size] == 0 || len(b) < size+int(b[size]) {
					return nil, errTargets
				}
				t.answer = append(t.answer, b[size:size+int(b[size])]...)
				size += int(b[size])
			}
		}
		t.number = b[0]
		targets, b = append(targets, t), b[size:]
	}
	return targets, nil
}

// broadcast sends a raw type A frame that no card answers: the chip adds the CRC. It reports whether the chip could.
func (l *link) broadcast(ctx context.Context, frame []byte) (bool, error) {
	// UM0701-02, 7.2.5: CIU_TxMode and CIU_RxMode, 106 kbit/s type A with CRC; CIU_BitFraming, whole bytes.
	_, err := l.repeat(ctx, shortTime, []byte{cmdWriteRegister, 0x63, 0x02, 0x80, 0x63, 0x03, 0x80, 0x63, 0x3D, 0x00})
	if err == nil {
		_, err = l.repeat(ctx, shortTime, []byte{cmdInCommunicateThru}, frame)
	}
	if err == nil || kernel.IsCardError(err) {
		return true, nil
	}
	return false, err
}

// release lets a target go, 0 for all (UM0701-02, 7.3.11). What the chip says of it does not matter.
func (l *link) release(ctx context.Context, number byte) error {
	_, err := l.repeat(ctx, shortTime, []byte{cmdInRelease, number})
	return err
}

// present asks the target for a sign of life (UM0701-02, 7.2.1, test 06: card presence of ISO/IEC 14443-4).
func (l *link) present(ctx context.Context) (bool, error) {
	r, err := l.repeat(ctx, listTime, []byte{cmdDiagnose, 0x06})
	if err != nil {
		return false, err
	}
	return len(r.data) == 1 && r.data[0]&statusCode == 0, nil
}
