package visa_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/testvectors/replay"
)

// newTape reads pairs of command and answer.
func newTape(t testing.TB, pairs ...string) *replay.Tape {
	t.Helper()
	c := new(replay.Tape)
	for i := 0; i < len(pairs); i += 2 {
		c.Commands = append(c.Commands, unhex(t, pairs[i]))
		c.Answers = append(c.Answers, unhex(t, pairs[i+1]))
	}
	return c
}

// The two Visa taps of testvectors/recorded-contactless.json, which has their source.
const (
	ppse       = "00A404000E325041592E5359532E444446303100"
	ppseAnswer = "6F2D840E325041592E5359532E4444463031A51BBF0C1861164F07A0000000031010500B56495341204352454449549000"
	selectVisa = "00A4040007A000000003101000"
)

func onlineTape(t testing.TB) *replay.Tape {
	return newTape(
		t, ppse, ppseAnswer,
		selectVisa, "6F338407A0000000031010A528500B56495341204352454449549F38189F66049F02069F03069F1A0295055F2A029A039C019F37049000",
		"80A8000023832124C0400000000000900000000000000008400000000000084020031600ABABABAB00",
		"7757820220005F34010157114761739001010010D221220111438444895F201656495341204352454449542F43415244484F4C4445529F1007"+
			"06010A03A000009F260848325309BE82CBA29F2701809F360200779F6C0290009000",
	)
}

func offlineTape(t testing.TB) *replay.Tape {
	return newTape(
		t, ppse, ppseAnswer,
		selectVisa, "6F278407A0000000031010A51C500B56495341204352454449549F380C9F66049F02065F2A029F37049000",
		"80A80000128310240040000000000002000840ABABABAB00",
		"7781B69F4B7007C80CE709D528ABC39618AE71BB80BDA976AC4F220A2E77D96A03615C5ED6CCC18FB6F72F8D229C72CACEC29FBF1F1B233248F9"+
			"D961E1887D009DC9AC146963137CC76ECC69C74399B339EEAC184B839D9220EAECCBA56774DD86EF74F07028DB37DD5EB621814BA71B7F8BB6AA"+
			"E0F4940C1801010110010100100303009F10070601110390000057104761739001010010D191220111438825820220009F360200159F26082026"+
			"1203C3227D269F6C0200009000",
		"00B2011C00", "70145A0847617390010100105F24031912315F3401019000",
		"00B2011400",
		"7081C08F01929081B05FACBFDA21EE8128D057A3BBA9EB5971EBE09B3095C9F4623D62417149F33B20CC596DD24F97C005AC15449C56D5B26DFA"+
			"93C5EA23BFA04A3B92BFD0569F4521B7528781BB3C067544042734F85AE9BD1753825805AC4255CE8885F7565F1B65BE4517AA149D72EA548440"+
			"F7C462BB77F76642344BBC616370C317E73542D78ED234AD84C59E2CD2323F22AA36A2835C8054C6607433CC65307ED05D787667DF32483BD650"+
			"7EA6861B11BE8345F5656C92044B76E0F79F3201039000",
		"00B2031400",
		"7081AD9F468190A7805CB24AC17B36F81F753EA9D37F1D0578DF95F6979C1FA4EE505B712C1A31C19FE5E3B8A8C1E47A560DF17C056E8FDB53D8"+
			"1A2648589CE9F3F1E16F229D200CCD6A780573871D244D4A90C6ABB596EC55AD1E6596443B3748C752B878605D62DCD2A8F7E5A8E0CBFF63C607"+
			"40A8338F0952782D683B4AE8E70DCD03D94730D566267E89DB20C514A20757FD1AE4079F4701039F480A761CCBE81F44003478E99F69050169C1"+
			"6C999000",
	)
}

// recordedTerminal is the terminal that the taps were recorded with.
func recordedTerminal(t testing.TB, day time.Time, events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	keys, err := capk.NewSet(capk.Key{
		RID: capk.RID{0xA0, 0, 0, 0, 3}, Index: 0x92, Exponent: []byte{3},
		Modulus: unhex(t, "996AF56F569187D09293C14810450ED8EE3357397B18A2458EFAA92DA3B6DF6514EC060195318FD43BE9B8F0CC669E3F844057CB"+
			"DDF8BDA191BB64473BC8DC9A730DB8F6B4EDE3924186FFD9B8C7735789C23A36BA0B8AF65372EB57EA5D89E7D14E9C7B6B557460F10885DA16AC"+
			"923F15AF3758F0F03EBD3C5C2C949CBA306DB44E6A2C076C5F67E281D7EF56785DC4D75945E491F01918800A9E2DC66F60080566CE0DAF8D17EA"+
			"D46AD8E30A247C9F"),
	})
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := contactless.New(contactless.Config{
		Terminal: unhex(t, "9F1A020840 9F3303A048C8 9F40056000C03000 9F350121"),
		Combinations: []contactless.Combination{{
			AID: unhex(t, "A0000000031010"), Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x24, 0x00, 0x40, 0x00},
			Limits: contactless.Limits{
				ZeroAmount: new(true), Transaction: new(uint64(20000)), Floor: new(uint64(8000)), CVM: new(uint64(8000)),
			},
		}},
	}, kernel.Env{Clock: kerneltest.Clock(day), Rand: kerneltest.Repeat{}, CAPKs: keys, Events: events}, visa.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

var (
	online  = kernel.Transaction{Amount: 9000, Currency: 840}
	offline = kernel.Transaction{Amount: 200, Currency: 840}

	recordedOnline  = recorded("recorded-online", onlineTape, online, time.Date(2020, 3, 16, 0, 0, 0, 0, time.UTC))
	recordedOffline = recorded("recorded-offline", offlineTape, offline, time.Date(2019, 8, 19, 0, 0, 0, 0, time.UTC))
)

// recorded is the terminal of the recordings on the bench, on the day of one.
func recorded(name string, tape func(testing.TB) *replay.Tape, tx kernel.Transaction, day time.Time) kerneltest.Bench {
	return kerneltest.Bench{
		Terminal: func(t testing.TB, events func(kernel.Event)) *contactless.Terminal {
			return recordedTerminal(t, day, events)
		},
		Tap: tx, Tapes: map[string]func(testing.TB) *replay.Tape{name: tape},
	}
}

func TestRecordedTaps(t *testing.T) {
	for _, c := range []struct {
		name  string
		bench kerneltest.Bench
		kind  kernel.Kind
		cvm   kernel.CVM
	}{
		{"recorded-online", recordedOnline, kernel.OnlineRequest, kernel.OnlinePIN},
		{"recorded-offline", recordedOffline, kernel.Approved, kernel.NoCVM},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, taps := kerneltest.Transact(t, c.bench.Terminal(t, nil), c.bench.Tape(t, c.name), c.bench.Tap)
			if out.Kind != c.kind || out.CVM != c.cvm || taps != 1 {
				t.Errorf("%v, %v after %d taps: %v", out.Kind, out.CVM, taps, out.Why)
			}
			if shown := fmt.Sprintf("%v %+v", out, out); strings.Contains(shown, "4761739001010") {
				t.Errorf("the outcome shows the card number: %s", shown)
			}
		})
	}
}

// TestEveryRecordedByte changes each byte of what the recorded offline card signed, one at a time: none may be approved.
func TestEveryRecordedByte(t *testing.T) {
	intact := offlineTape(t)
	terminal := recordedOffline.Terminal(t, nil)
	for _, part := range []struct {
		name       string
		answer     int
		start, end int // offsets in the answer, headers of signed records included
	}{
		{"SDAD", 2, 6, 6 + 0x70},
		{"PAN and expiry", 3, 2, 0x16},
		{"CA index, issuer certificate, exponent", 4, 3, 0xC3},
		{"ICC certificate, exponent, remainder, 9F69", 5, 3, 0xB0},
	} {
		for i := part.start; i < part.end; i++ {
			for _, bit := range []byte{0x01, 0x80} {
				card := offlineTape(t)
				card.Answers[part.answer][i] ^= bit
				out, err := terminal.Transact(context.Background(), card, offline)
				if err != nil {
					t.Fatal(err)
				}
				if out.Kind == kernel.Approved {
					t.Errorf("%s, byte %d of answer %d changed by %02X: approved", part.name, i, part.answer, bit)
				}
			}
		}
		if len(intact.Answers[part.answer]) < part.end {
			t.Fatalf("%s: the answer has %d bytes", part.name, len(intact.Answers[part.answer]))
		}
	}
}
