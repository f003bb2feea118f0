package mastercard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/tlv"
)

// till is a terminal's side of data exchange: it gives its signals one after the other, and keeps what it is told.
type till struct {
	signals []kernel.Objects
	err     error // once there is no signal left
	needed  []tlv.Tag
	told    []byte
	waits   []time.Duration
}

func (x *till) DEK(_ context.Context, needed mastercard.TagList, data kernel.Objects) error {
	for t := range needed.All {
		x.needed = append(x.needed, t)
	}
	x.told = append(x.told, data...)
	return nil
}

func (x *till) DET(_ context.Context, wait time.Duration) (kernel.Objects, error) {
	if wait > 0 {
		x.waits = append(x.waits, wait)
	}
	if len(x.signals) == 0 {
		return nil, x.err
	}
	s := x.signals[0]
	x.signals = x.signals[1:]
	return s, nil
}

// exchanging is a terminal with data exchange, and data of its own, for the simulated cards.
func exchanging(t testing.TB, x mastercard.DataExchange, log mastercard.TornLog, events func(kernel.Event), data string) *contactless.Terminal {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := contactless.New(contactless.Config{Combinations: []contactless.Combination{{
		AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard, Options: &mastercard.Options{TornLog: log, Exchange: x},
		Data: unhex(t, "9F350122 9F1A020840 DF8117 01E0 DF8118 0160 DF8119 0108 DF811B 01B0 DF811F 0108 DF8120 05840000800C "+
			"DF8121 050400000000 DF8122 05840000800C DF8123 06000000005000 DF8124 06000000100000 DF8125 06000000100000 "+
			"DF8126 06000000010000"+data),
	}}}, kernel.Env{
		Clock: clock{time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)}, Rand: &counting{}, CAPKs: keys, Events: events,
	}, mastercard.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// TestWaits: what is left of Time Out Value is what the terminal is waited for, 500 ms where it is not configured.
func TestWaits(t *testing.T) {
	x := &till{}
	out, err := exchanging(t, x, nil, nil, "DF811000").Transact(context.Background(), simulated(t, "mastercard-offline"), purchase(1250))
	if err != nil || out.Why.Code != "c2.det_time_out" || len(x.waits) != 1 || x.waits[0] != 500*time.Millisecond {
		t.Errorf("%v because of %v, %v; waited for %v", out.Kind, out.Why, err, x.waits)
	}
	x = &till{}
	_, err = exchanging(t, x, nil, nil, "DF811000 DF81270203E8").Transact(context.Background(), simulated(t, "mastercard-offline"), purchase(1250))
	if err != nil || len(x.waits) != 1 || x.waits[0] != time.Second {
		t.Errorf("%v; waited for %v", err, x.waits)
	}
}

// TestTerminalFails: an error of the terminal's is no outcome of the card's.
func TestTerminalFails(t *testing.T) {
	broken := errors.New("the till's own")
	_, err := exchanging(t, &till{err: broken}, nil, nil, "").Transact(context.Background(), simulated(t, "mastercard-offline"), purchase(1250))
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

// storing are capabilities (9F5D) with a balance, CDA over an AAC, and envelopes of 32 bytes.
var storing = map[tlv.Tag][]byte{0x9F5D: {0x00, 0x03, 0x01}}

// personalised is simulated with data objects of its own.
func personalised(t testing.TB, profile string, set map[tlv.Tag][]byte, faults ...string) presented {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Set: set, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return presented{c}
}

// counted counts the commands that a card gets.
type counted struct {
	presented
	sent int
}

func (c *counted) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	c.sent++
	return c.presented.Transmit(ctx, dst, command)
}

// leaving ends the context at one command, which the card has processed all the same.
type leaving struct {
	presented
	at, sent int
	leave    context.CancelFunc
}

func (c *leaving) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	c.sent++
	dst, err := c.presented.Transmit(ctx, dst, command)
	if c.sent == c.at {
		c.leave()
		return dst, ctx.Err()
	}
	return dst, err
}

// TestStop ends the context at each command of a transaction with everything (STOP; C-2, S3). It never is an approval that is
// not told: up to GENERATE AC the card has spent nothing, at GENERATE AC the transaction is in the log, and behind it the
// outcome stands.
func TestStop(t *testing.T) {
	const generate = 12 // PPSE, SELECT, GPO, GET DATA, five records, balance, PUT DATA, GENERATE AC
	for at := 1; at <= generate+2; at++ {
		log := &mastercard.MemoryLog{}
		x := &till{}
		terminal := exchanging(t, x, log, nil, "DF811D0102 DF8112029F75 DF810400 DF810500 FF8102049F750101 FF8103049F760102")
		ctx, leave := context.WithCancel(context.Background())
		card := &leaving{presented: personalised(t, "mastercard-torn", storing), at: at, leave: leave}
		out, err := terminal.Transact(ctx, card, purchase(1250))
		leave()
		switch {
		case at > generate:
			if err != nil || out.Kind != kernel.Approved {
				t.Errorf("at command %d: %v because of %v, %v", at, out.Kind, out.Why, err)
			}
			continue
		case !errors.Is(err, context.Canceled):
			t.Errorf("at command %d: %v", at, err)
		case at > 2 && !bytes.Equal(terminal.Data().Get(0xDF8115), unhex(t, "0000020000FF")): // the kernel was there
			t.Errorf("at command %d: Error Indication %X", at, terminal.Data().Get(0xDF8115))
		}
		if n := log.Len(); n != 0 && at < generate || n != 1 && at == generate {
			t.Errorf("at command %d: %d records", at, n)
		}
		if at != generate {
			continue
		}
		out, err = terminal.Transact(context.Background(), card.presented, purchase(1250))
		if err != nil || out.Kind != kernel.Approved || log.Len() != 0 {
			t.Errorf("after it: %v because of %v, %v, %d records", out.Kind, out.Why, err, log.Len())
		}
		if atc, _ := tlv.Find(out.Record, 0x9F36); !bytes.Equal(atc, []byte{0, 1}) {
			t.Errorf("the cryptogram is that of transaction %X", atc)
		}
	}
}

// TestExchangeHides asks for the card number by data exchange and looks for it in what is printed.
func TestExchangeHides(t *testing.T) {
	const pan = "5413339000010498"
	var printed strings.Builder
	x := &till{signals: []kernel.Objects{unhex(t, "DF8112035A9F5E"), unhex(t, "5A085413339000010498")}}
	terminal := exchanging(t, x, &mastercard.MemoryLog{}, func(e kernel.Event) { fmt.Fprintf(&printed, "%s %v %+v\n", e.Kind(), e, e) },
		"DF810D0102 9F5C088199829983998499")
	out, err := terminal.Transact(context.Background(), simulated(t, "mastercard-ids"), purchase(1250))
	if err != nil || out.Kind != kernel.OnlineRequest {
		t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
	}
	fmt.Fprintf(&printed, "%v %+v %v %v %#v", out, out, terminal.Data(), kernel.Objects(x.told), kernel.Objects(x.told))
	if v, ok := tlv.Find(x.told, 0x5A); !ok || fmt.Sprintf("%X", v) != pan {
		t.Fatalf("the till was told %X", v)
	}
	for _, secret := range []string{pan, pan[6:]} {
		if strings.Contains(printed.String(), secret) {
			t.Errorf("shows %s", secret)
		}
	}
}

// FuzzHostileTill gives a card that would approve a till that says anything: bytes up to FF 00 are a signal. The
// transaction ends in an outcome, and one that is approved is over the amount that was asked for.
func FuzzHostileTill(f *testing.F) {
	stop := []byte{0xFF, 0x00}
	for _, s := range []string{
		"", "DF81100101", "DF8112029F75", "9F0206000000000001", "FF8102059F75020102", "FF8103059F75020102DF81100101",
		"DF8112069F709F509F75", "9F5C088199829983998499", "DF620180DF8108014" + "0DF810A0100", "FF81028209", "DF8112", "5A01",
	} {
		f.Add(unhex(f, s))
		f.Add(bytes.Join([][]byte{unhex(f, s), unhex(f, "9F530132"), unhex(f, "DF81100101")}, stop))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x := &till{}
		for _, s := range bytes.Split(b, stop) {
			x.signals = append(x.signals, append(kernel.Objects{}, s...))
		}
		terminal := exchanging(t, x, &mastercard.MemoryLog{}, nil, "DF811000 DF810D0102 9F5C00 DF811200 FF810200 FF810300")
		tape := &counted{presented: simulated(t, "mastercard-offline")}
		out, err := terminal.Transact(context.Background(), tape, purchase(1250))
		if err != nil || !out.Kind.Final() || out.Why.Code == "" {
			t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
		}
		if tape.sent > 64*64+maxCommands {
			t.Fatalf("%d commands", tape.sent)
		}
		if amount, _ := tlv.Find(out.Record, 0x9F02); out.Kind == kernel.Approved && !bytes.Equal(amount, unhex(t, "000000001250")) {
			t.Fatalf("approved over %X", amount)
		}
	})
}
