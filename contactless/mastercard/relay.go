package mastercard

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

const (
	relayUnit    = 100 * time.Microsecond // all times of the protocol (C-2, 3.10)
	relayRetries = 2                      // SR1.22
	relaySigned  = 14                     // bytes of them in the ICC Dynamic Data (S910)
)

// resistRelay is state SR1, the relay resistance protocol: the card answers with entropy and with the times that it takes,
// and the time that it took is compared with them. The subtractions stop at zero, as a correction of the book has it.
func (t *transaction) resistRelay(ctx context.Context) (kernel.Outcome, error) {
	if !aipRRP.In(t.Data.Get(tagAIP)) || !configRRP.In(t.Data.Get(tagKernelConfig)) { // S3
		t.setTVR(tvrRRPNotPerformed)
		return kernel.Outcome{}, nil
	}
	t.Step(stageRelay, "C-2, SR1")
	for {
		out, again, err := t.exchangeRelayData(ctx)
		if err != nil || out.Made() {
			return out, err
		}
		if !again {
			break
		}
		var un [4]byte
		if _, err := io.ReadFull(t.Env.Rand, un[:]); err != nil {
			return kernel.Outcome{}, fmt.Errorf("mastercard: drawing the unpredictable number: %w", err)
		}
		t.set(tagUN, un[:])
		t.set(tagRRPCounter, []byte{t.byteOf(tagRRPCounter) + 1})
	}
	t.judgeRelay()
	return kernel.Outcome{}, nil
}

// exchangeRelayData is EXCHANGE RELAY RESISTANCE DATA once. It reports whether to ask again (SR1.1 to SR1.22).
func (t *transaction) exchangeRelayData(ctx context.Context) (kernel.Outcome, bool, error) {
	t.set(tagTermEntropy, t.Data.Get(tagUN))
	command := apdu.AppendCommand(t.Card.Buffer(), 0x80, apdu.InsExchangeRelayResistance, 0x00, 0x00, t.Data.Get(tagTermEntropy))
	r, out, err := t.send(ctx, stageRelay, "C-2, SR1", command)
	if err != nil || out.Made() {
		return out, false, err
	}
	if r.SW != apdu.OK {
		return t.failStatus(stageRelay, "c2.relay_", r.SW, "C-2, SR1"), false, nil
	}
	template, v, err := apdu.Single(r.Data)
	if err == nil && (template != 0x80 || len(v) != 10) {
		err = apdu.ErrTemplate
	}
	if err != nil {
		return t.fail(stageRelay, l2Parsing, kernel.CodeOf(err), "C-2, SR1"), false, nil
	}
	t.set(tagDeviceEntropy, v[:4])
	t.set(tagMinTime, v[4:6])
	t.set(tagMaxTime, v[6:8])
	t.set(tagDeviceRAPDU, v[8:])
	// SR1.18
	took := int(min(t.Card.Took/relayUnit, 0xFFFF))
	took = max(0, took-t.binary(tagTermCAPDU)-min(t.binary(tagDeviceRAPDU), t.binary(tagTermRAPDU)))
	t.set(tagMeasured, []byte{byte(took >> 8), byte(took)})
	if t.full != nil {
		return t.fail(stageRelay, l2Parsing, kernel.CodeOf(t.full), "C-2, SR1"), false, nil
	}
	if took < max(0, t.binary(tagMinTime)-t.binary(tagGraceMin)) { // SR1.19
		return t.fail(stageRelay, l2CardData, "c2.relay_too_fast", "C-2, SR1.19"), false, nil
	}
	return kernel.Outcome{}, t.byteOf(tagRRPCounter) < relayRetries && t.tookTooLong(), nil // SR1.22
}

func (t *transaction) tookTooLong() bool {
	return t.binary(tagMeasured) > t.binary(tagMaxTime)+t.binary(tagGraceMax)
}

// judgeRelay sets the bits of the TVR (SR1.28 to SR1.32).
func (t *transaction) judgeRelay() {
	if t.tookTooLong() {
		t.setTVR(tvrRRTimeLimits)
		t.Note(stageRelay, "c2.relay_time_limits", "C-2, SR1.29")
	}
	// A transmission time of zero is no time to compare with: it differs from any other by more than every threshold.
	device, terminal, threshold := t.binary(tagDeviceRAPDU), t.binary(tagTermRAPDU), t.binary(tagMismatch)
	mismatch := device*100 < threshold*terminal || terminal*100 < threshold*device
	if mismatch || max(0, t.binary(tagMeasured)-t.binary(tagMinTime)) > t.binary(tagAccuracy) { // SR1.30
		t.setTVR(tvrRRThreshold)
		t.Note(stageRelay, "c2.relay_threshold", "C-2, SR1.31")
	}
	t.setTVR(tvrRRPPerformed)
	t.rrp = true
}

// signedRelayData reports whether the ICC Dynamic Data repeat what was exchanged (C-2, S910).
func (t *transaction) signedRelayData(rest []byte) bool {
	for _, tag := range [...]tlv.Tag{tagTermEntropy, tagDeviceEntropy, tagMinTime, tagMaxTime, tagDeviceRAPDU} {
		v := t.Data.Get(tag)
		if len(v) == 0 || !bytes.HasPrefix(rest, v) {
			return false
		}
		rest = rest[len(v):]
	}
	return true
}
