package mastercard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		data    string
		options any
		codes   []string
	}{
		{"9F1A020840 9F350122", nil, nil},
		{"9F1A020840 9F350122", (*mastercard.Options)(nil), nil},
		{"", nil, []string{"config.object_missing", "config.object_missing"}},
		{"9F1A020840 9F350122 DF811B01C0", nil, []string{"config.no_mode"}},
		{"9F1A020840 9F350122 DF812606A00000000000", nil, []string{"config.object_value"}},
		{"9F1A020840 9F350122 DF81310700000000000007", nil, []string{"config.object_value"}},
		{"9F1A020840 9F350122", "none", []string{"config.options"}},
		{"9F1A020840 9F350122 DF811000", nil, []string{"config.no_exchange"}},
		{"9F1A020840 9F350122 DF81100100", &mastercard.Options{}, []string{"config.no_exchange"}},
		{"9F1A020840 9F350122 DF811000", &mastercard.Options{Exchange: &till{}}, nil},
		{"9F1A020840 9F350122 DF81100101", nil, nil},
	} {
		_, err := contactless.New(contactless.Config{Combinations: []contactless.Combination{{
			AID: unhex(t, "A0000000041010"), Kernel: kernel.Mastercard, Data: unhex(t, c.data), Options: c.options,
		}}}, kernel.Env{Clock: clock{offlineDay}, Rand: fixed{}}, mastercard.Kernel)
		var config *kernel.ConfigError
		var codes []string
		if errors.As(err, &config) {
			for _, f := range config.Faults {
				codes = append(codes, f.Code)
			}
		}
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", c.data, codes, c.codes)
		}
	}
}

func TestMemoryLog(t *testing.T) {
	var log mastercard.MemoryLog
	one := []byte{1}
	log.Insert(one)
	one[0] = 9 // the log has its own copy
	log.Insert([]byte{2})
	log.Insert([]byte{3})
	newest, oldest := log.At(0), log.At(2)
	if newest[0] != 3 || oldest[0] != 1 {
		t.Errorf("newest %X, oldest %X", newest, oldest)
	}
	log.Remove(1)
	if log.Len() != 2 || log.At(1)[0] != 1 {
		t.Errorf("%d records, %X", log.Len(), log.At(1))
	}
	log.Remove(1)
	if oldest[0] != 0 {
		t.Error("a removed record was not overwritten")
	}
}

// TestClean: records as old as the lifetime leave the log, and those that have no date.
func TestClean(t *testing.T) {
	var log mastercard.MemoryLog
	now := time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)
	for _, record := range []string{
		"9A03261123 9F2103100612", // five minutes old
		"9A03261123",
		"9A03261123 9F2103100613",
		"9A03261123 9F2103101112",
	} {
		log.Insert(unhex(t, record))
	}
	removed := mastercard.Clean(&log, 300*time.Second, now)
	want := unhex(t, "FF81010B 9A03261123 9F2103100612 FF810105 9A03261123")
	if !bytes.Equal(removed, want) || log.Len() != 2 {
		t.Errorf("removed %X, %d left", []byte(removed), log.Len())
	}
}

// TestBackoff: the wait doubles with each card that gives no checksum, up to a bound, and starts again with one that does.
func TestBackoff(t *testing.T) {
	var waits []time.Duration
	backoff := &mastercard.Backoff{Wait: func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}}
	terminal := recordedTerminal(t, &mastercard.Options{Backoff: backoff})
	answers := magstripeTape(t)
	refused := append(slices.Clone(answers[:4]), []byte{0x69, 0x85})
	run := func(answers [][]byte) {
		if _, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, offline); err != nil {
			t.Fatal(err)
		}
	}
	for range 7 {
		run(refused)
	}
	run(answers)
	run(refused)
	want := []time.Duration{300, 600, 1200, 2400, 4800, 9600, 9600, 300}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(waits, want) {
		t.Errorf("%v, want %v", waits, want)
	}
}

// TestNothingShowsTheCard prints every event, the outcome and the data of taps in both modes, and looks for the card number
// and for what stands behind it.
func TestNothingShowsTheCard(t *testing.T) {
	log := new(mastercard.MemoryLog)
	for _, answers := range [][][]byte{offlineTape(t).Answers, magstripeTape(t)} {
		var printed strings.Builder
		terminal := watchedTerminal(t, &mastercard.Options{TornLog: log}, func(e kernel.Event) {
			fmt.Fprintf(&printed, "%s %v %+v %#v\n", e.Kind(), e, e, e)
		})
		out, err := terminal.Transact(context.Background(), &replay.Hostile{Script: replay.HostileScript(answers...)}, offline)
		fmt.Fprintf(&printed, "%v %+v %v %v\n", out, out, err, terminal.Data())
		if len(out.Record) == 0 {
			t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
		}
		for _, secret := range []string{
			"5413339000001513", "541333900000151", "5413330089020011", "541333008902001", "3531343133333330", "D2012201", "D3012201",
		} {
			if strings.Contains(printed.String(), secret) {
				at := strings.Index(printed.String(), secret)
				t.Errorf("shows %s: %s", secret, printed.String()[max(0, at-200):at+40])
			}
		}
	}
}
