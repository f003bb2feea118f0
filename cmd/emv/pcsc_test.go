//go:build pcsc && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/driver/pcsc/pcscdtest"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/serve"
	"github.com/cardwright/emv/tlv"
)

// The readers of these tests, in their order.
const (
	chipReader = "EMV Contact 00 00"
	tapReader  = "EMV Contactless 00 00"
)

func startPCSC(t testing.TB) *pcscdtest.Daemon {
	return pcscdtest.Start(t, "EMV Contact", "EMV Contactless")
}

// emv runs a command line and returns its status and what it wrote.
func emv(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

// served is a card in a virtual reader.
type served struct {
	stop context.CancelFunc
	done chan error
	once sync.Once

	mu     sync.Mutex
	events []serve.Event
}

// put serves the card of a profile, and pulls it with pull or at the end of the test.
func put(t testing.TB, r pcscdtest.Reader, profile string, o serve.Options, i serve.Insertion) *served {
	t.Helper()
	c, err := serve.NewSimulated(card.Config{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	if o.ATR == nil && !c.Contacts() {
		o.ATR = serve.ATRContactless([]byte{0x80})
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &served{stop: stop, done: make(chan error, 1)}
	o.Watch = func(e serve.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	}
	go func() { s.done <- serve.Into(ctx, serve.Address{Network: "tcp", Text: r.Address}, c, o, i) }()
	t.Cleanup(s.pull)
	return s
}

func (s *served) pull() {
	s.once.Do(func() {
		s.stop()
		<-s.done
	})
}

// cardTime is what the card itself took for its commands, and how many there were.
func (s *served) cardTime() (total time.Duration, commands int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Kind == "command" {
			total += e.Took
			commands++
		}
	}
	return total, commands
}

// gone waits until the service has seen that a reader is empty.
func gone(t testing.TB, reader string) {
	t.Helper()
	for end := time.Now().Add(pcscdtest.Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, out, _ := emv("readers", "--json"); !strings.Contains(noteOfReader(t, out, reader), "card") {
			return
		}
	}
	t.Fatalf("the card does not leave %s", reader)
}

func noteOfReader(t testing.TB, list, name string) string {
	var l readerList
	if err := json.Unmarshal([]byte(list), &l); err != nil {
		t.Fatalf("%v: %s", err, list)
	}
	for _, r := range l.Readers {
		if r.Name == name {
			return r.Note
		}
	}
	t.Fatalf("there is no %s in %s", name, list)
	return ""
}

// pays takes a payment and returns the exit status and the report.
func pays(t testing.TB, args ...string) (int, map[string]any) {
	t.Helper()
	status, out, errs := emv(append([]string{"pay", "--json"}, args...)...)
	report := map[string]any{}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v: status %d, %s%s", err, status, out, errs)
	}
	return status, report
}

func TestPCSCReaders(t *testing.T) {
	startPCSC(t)
	status, out, errs := emv("readers")
	if status != exitOK || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	for _, want := range []string{chipReader, tapReader, "contactless"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func TestPCSCAPDU(t *testing.T) {
	d := startPCSC(t)
	put(t, d.Readers[1], "visa-credit", serve.Options{}, serve.Insertion{})
	status, out, errs := emv("apdu", "--reader", "contactless 00 00", "00A404000E325041592E5359532E444446303100", "00 A4 04 00 07 A0000000031010 00")
	if status != exitOK {
		t.Fatalf("status %d, %s%s", status, out, errs)
	}
	for _, want := range []string{"3B81800180", "SELECT", "9000", "A0000000031010"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	for _, c := range []struct {
		args []string
		code string
	}{
		{[]string{"apdu", "--reader", "no such reader", "00A4040000"}, "driver.not_found"},
		{[]string{"apdu", "--reader", "EMV", "00A4040000"}, "input.reader"},
		{[]string{"apdu", "--reader", chipReader, "--contactless", "00A4040000"}, "driver.unsupported"},
		{[]string{"apdu", "--reader", chipReader, "--wait", "50ms", "00A4040000"}, "card.none"},
	} {
		if status, _, errs := emv(c.args...); status == exitOK || !strings.Contains(errs, c.code) {
			t.Errorf("%q: status %d, %s; want %s", c.args, status, errs, c.code)
		}
	}
}

// TestPCSCPayments pays by chip under T=0 and T=1 and by tap, writes what happened, and runs that again.
func TestPCSCPayments(t *testing.T) {
	d := startPCSC(t)
	for _, c := range []struct {
		at      int
		profile string
		args    []string
	}{
		{0, "visa-contact", []string{"--country", "GB", "--pin", "1234"}},
		{0, "mastercard-contact", []string{"--country", "GB", "--pin", "1234"}},
		{0, "contact-pin-enciphered", []string{"--country", "GB", "--pin", "1234"}},
		{1, "visa-credit", nil},
		{1, "visa-offline", []string{"--floor-limit", "20", "--amount", "8.40"}},
		{1, "visa-issuer-update", nil},
		{1, "mastercard-credit", nil},
	} {
		t.Run(c.profile, func(t *testing.T) {
			r := d.Readers[c.at]
			s := put(t, r, c.profile, serve.Options{}, serve.Insertion{})
			file := filepath.Join(t.TempDir(), "capture.json")
			status, report := pays(t, append([]string{"--reader", r.Name, "--trace=" + file, "--unmasked"}, c.args...)...)
			if status != exitOK || report["approved"] != true {
				t.Errorf("status %d, outcome %v, reason %v", status, report["outcome"], report["reason"])
			}
			if total, n := s.cardTime(); n < 3 || total <= 0 {
				t.Errorf("the card was asked %d commands in %v", n, total)
			}
			if status, out, errs := emv("vectors", "run", file); status != exitOK || !strings.Contains(out, "1 passed, 0 failed, 0 errors, 0 skipped") {
				t.Errorf("the capture does not replay: status %d\n%s%s", status, out, errs)
			}
			s.pull()
			gone(t, r.Name)
		})
	}
}

// TestPCSCArmed arms slot and field, which are two readers to PC/SC, and presents a card to one of them: it counts.
func TestPCSCArmed(t *testing.T) {
	d := startPCSC(t)
	for _, c := range []struct {
		at             int
		profile, entry string
	}{
		{1, "visa-credit", "CONTACTLESS"},
		{0, "visa-contact", "CHIP"},
	} {
		p := start(t, "pay", "--reader", chipReader, "--reader", tapReader)
		for end := time.Now().Add(pcscdtest.Patience); !strings.Contains(p.said(), "Present card") && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		s := put(t, d.Readers[c.at], c.profile, serve.Options{}, serve.Insertion{})
		if said := p.ends(exitOK); !strings.Contains(said, "contactless or contact, ") || !strings.Contains(said, " "+c.entry+"\n") {
			t.Errorf("%s:\n%s", c.profile, said)
		}
		s.pull()
		gone(t, d.Readers[c.at].Name)
	}
}

// TestPCSCMasked searches what a payment writes for the card's number, in the screen's trace and in a masked capture.
func TestPCSCMasked(t *testing.T) {
	d := startPCSC(t)
	const number = "4176660000000100" // planted: no profile has it
	c, err := serve.NewSimulated(card.Config{Profile: "visa-credit", Set: map[tlv.Tag][]byte{
		0x57: {0x41, 0x76, 0x66, 0x00, 0x00, 0x00, 0x01, 0x00, 0xD2, 0x91, 0x22, 0x01, 0x12, 0x34, 0x56, 0x78, 0x90, 0x1F},
		0x5A: {0x41, 0x76, 0x66, 0x00, 0x00, 0x00, 0x01, 0x00},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- serve.Into(ctx, serve.Address{Network: "tcp", Text: d.Readers[1].Address}, c,
			serve.Options{ATR: serve.ATRContactless(nil)}, serve.Insertion{})
	}()
	defer func() { stop(); <-done }()
	file := filepath.Join(t.TempDir(), "capture.json")
	_, out, errs := emv("pay", "--reader", tapReader, "--trace", "--trace="+file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	if !bytes.Contains(text, []byte("****")) {
		t.Error("nothing is hidden in the capture")
	}
	for name, said := range map[string]string{"the screen": out, "standard error": errs, "the capture": string(text)} {
		if strings.Contains(said, number) || strings.Contains(said, number[:12]) {
			t.Errorf("%s shows the card number", name)
		}
	}
	status, _, errs := emv("vectors", "run", file)
	if status != exitUsage || !strings.Contains(errs, "suite.masked") {
		t.Errorf("a masked capture ran: status %d, %s", status, errs)
	}
}

// TestPCSCPulled pulls the card after each of its answers in turn: no payment is approved before the card has said
// everything, and the reader is good for the next one.
func TestPCSCPulled(t *testing.T) {
	d := startPCSC(t)
	chip := d.Readers[0]
	whole := put(t, chip, "visa-contact", serve.Options{}, serve.Insertion{})
	if status, report := pays(t, "--reader", chip.Name, "--country", "GB"); status != exitOK {
		t.Fatalf("the whole payment: status %d, %v", status, report["reason"])
	}
	_, commands := whole.cardTime()
	whole.pull()
	gone(t, chip.Name)
	for _, after := range []int{1, 3, commands / 2, commands - 2} {
		s := put(t, chip, "visa-contact", serve.Options{PullAfter: after}, serve.Insertion{})
		status, report := pays(t, "--reader", chip.Name, "--country", "GB")
		if status != exitBad || report["approved"] != false {
			t.Errorf("pulled after %d of %d answers: status %d, outcome %v", after, commands, status, report["outcome"])
		}
		if reason := fmt.Sprint(report["reason"]); !strings.Contains(reason, "card.removed") {
			t.Errorf("pulled after %d of %d answers: %s", after, commands, reason)
		}
		s.pull()
		gone(t, chip.Name)
	}
	put(t, chip, "visa-contact", serve.Options{}, serve.Insertion{})
	if status, report := pays(t, "--reader", chip.Name, "--country", "GB"); status != exitOK {
		t.Errorf("the payment after them: status %d, %v", status, report["reason"])
	}
}

// TestPCSCHotPlug takes the service away, reader and all, while a payment waits for its card, and in the middle of one.
func TestPCSCHotPlug(t *testing.T) {
	d := startPCSC(t)
	tap := d.Readers[1]
	type result struct {
		status int
		said   string
	}
	pay := func() chan result {
		done := make(chan result, 1)
		go func() {
			status, out, errs := emv("pay", "--reader", tap.Name, "--json")
			done <- result{status, out + errs}
		}()
		return done
	}
	waiting := pay()
	time.Sleep(300 * time.Millisecond) // most often it waits for a card by now; the outcome is the same if not
	d.Kill()
	if r := <-waiting; r.status == exitOK || !strings.Contains(r.said, "driver.") {
		t.Errorf("without its service: status %d, %s", r.status, r.said)
	}
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
	s := put(t, tap, "visa-credit", serve.Options{Delay: 200 * time.Millisecond}, serve.Insertion{Retry: 50 * time.Millisecond})
	during := pay()
	for end := time.Now().Add(pcscdtest.Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, n := s.cardTime(); n >= 2 {
			break
		}
	}
	d.Stop()
	if r := <-during; r.status == exitOK {
		t.Errorf("stopped in the middle: status %d, %s", r.status, r.said)
	}
	if err := d.Run(); err != nil {
		t.Fatal(err)
	}
	if r := <-pay(); r.status != exitOK { // the card comes back by itself
		t.Errorf("afterwards: status %d, %s", r.status, r.said)
	}
}

// TestPCSCTwoApplications lets two programs want one reader: the second is told so, and is served when the first is done.
func TestPCSCTwoApplications(t *testing.T) {
	d := startPCSC(t)
	tap := d.Readers[1]
	s := put(t, tap, "visa-credit", serve.Options{Delay: 150 * time.Millisecond}, serve.Insertion{})
	first := make(chan int, 1)
	go func() {
		status, _, _ := emv("pay", "--reader", tap.Name)
		first <- status
	}()
	for end := time.Now().Add(pcscdtest.Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, n := s.cardTime(); n >= 1 {
			break
		}
	}
	if status, _, errs := emv("apdu", "--reader", tap.Name, "00A404000E325041592E5359532E444446303100"); status != exitUsage ||
		!strings.Contains(errs, "driver.busy") {
		t.Errorf("the second: status %d, %s", status, errs)
	}
	if status := <-first; status != exitOK {
		t.Errorf("the first: status %d", status)
	}
	if status, _, errs := emv("apdu", "--reader", tap.Name, "00A404000E325041592E5359532E444446303100"); status != exitOK {
		t.Errorf("afterwards: status %d, %s", status, errs)
	}
}

// TestPCSCFigures measures and prints; it judges nothing but that there was something to measure.
func TestPCSCFigures(t *testing.T) {
	d := startPCSC(t)
	const rounds = 15
	median := func(list []time.Duration) time.Duration {
		slices.Sort(list)
		return list[len(list)/2]
	}
	t.Logf("| payment | exchanges | whole, median | of that the card's own time | an exchange through pcscd, above the card's own time |")
	for _, c := range []struct {
		at            int
		profile, text string
		args          []string
	}{
		{0, "visa-contact", "chip, T=0", []string{"--country", "GB"}},
		{1, "visa-credit", "tap", nil},
	} {
		r := d.Readers[c.at]
		s := put(t, r, c.profile, serve.Options{}, serve.Insertion{})
		var whole, own, above []time.Duration
		commands := 0
		for range rounds {
			before, asked := s.cardTime()
			begin := time.Now()
			status, report := pays(t, append([]string{"--reader", r.Name}, c.args...)...)
			whole = append(whole, time.Since(begin))
			if status != exitOK {
				t.Fatalf("status %d, %v", status, report["reason"])
			}
			after, now := s.cardTime()
			commands = now - asked
			own = append(own, after-before)

			file := filepath.Join(t.TempDir(), "capture.json")
			if status, _ := pays(t, append([]string{"--reader", r.Name, "--trace=" + file, "--unmasked"}, c.args...)...); status != exitOK {
				t.Fatalf("status %d", status)
			}
			then, _ := s.cardTime()
			above = append(above, exchangeTimes(t, file)-(then-after))
		}
		n := time.Duration(commands)
		t.Logf("| %s, %s | %d | %v | %v | %v |", c.text, c.profile, commands, median(whole).Round(10*time.Microsecond),
			median(own).Round(10*time.Microsecond), (median(above) / n).Round(time.Microsecond))
		s.pull()
		gone(t, r.Name)
	}
}

// exchangeTimes returns what all exchanges of a capture took.
func exchangeTimes(t testing.TB, file string) time.Duration {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Cases []struct {
			Given struct {
				Card struct {
					Exchanges []struct {
						MS float64 `json:"ms"`
					} `json:"exchanges"`
				} `json:"card"`
			} `json:"given"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	var total time.Duration
	for _, c := range s.Cases {
		for _, x := range c.Given.Card.Exchanges {
			total += time.Duration(x.MS * float64(time.Millisecond))
		}
	}
	return total
}
