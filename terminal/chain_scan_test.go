package terminal_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/pos"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer/iso"
	"github.com/cardwright/emv/tlv"
)

// longPIN is the online PIN of all cards of the search: long enough not to be somewhere by chance.
const longPIN = "739152846037"

// known is a PIN pad whose customer knows both PINs.
type known struct{}

func (known) Enter(_ context.Context, r kernel.PINRequest, dst *pin.PIN, entered func(int)) (kernel.PINEntry, error) {
	digits := card.TestPIN
	if r.Use == kernel.PINForIssuer {
		digits = longPIN
	}
	for i := range digits {
		entered(i + 1)
	}
	return kernel.PINEntered, pin.Parse(dst, []byte(digits))
}

// searched is a chain every place of which is written down.
type searched struct {
	*chain
	places  places
	till    *chainTill
	counter *pos.Terminal
	secrets []secret
	names   map[string]bool
	books   string // the till's folder
}

const stripe = ";4761739001010119=49121011928374650192?"

func newSearched(t *testing.T) *searched {
	t.Helper()
	s := &searched{names: map[string]bool{}, books: t.TempDir()}
	pins := map[string]string{}
	s.learn(t, "the stripe", stripe, pins)
	for _, name := range cardsSearched {
		s.learn(t, name, cardOf(t, name).Stripe(), pins)
	}
	s.secrets = append(s.secrets, ofDigits("online PIN", longPIN),
		ofBytes("clear PIN block", append([]byte{0x24, 0x12, 0x34}, bytes.Repeat([]byte{0xFF}, 5)...)),
		ofBytes("clear PIN field", append([]byte{0x44, 0x12, 0x34}, bytes.Repeat([]byte{0xAA}, 5)...)))
	s.chain = lasting(t, iso.Config{PINs: pins})
	plain := s.reach
	s.reach = func(ctx context.Context) (net.Conn, error) {
		c, err := plain(ctx)
		if err != nil {
			return nil, err
		}
		return recorded{c, &s.places, "host connection"}, nil
	}
	s.config.PINPad = known{}
	s.config.Payment.Forward = payment.ForwardPolicy{Currency: 840, Max: 20_000, Sum: 100_000, Count: 9, Age: 12 * time.Hour}
	for _, a := range s.config.Profile.Applications {
		if a.Contact != nil {
			a.Contact.Floor = 5000
		}
	}
	s.wait, s.config.Times.HostReply = 400*time.Millisecond, 500*time.Millisecond
	log := func(place string) *slog.Logger {
		return slog.New(slog.NewJSONHandler(s.places.writer(place), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	s.config.Log = log("terminal's log")
	client := log("host client's log")
	s.heard = func(e host.Event) { client.Debug("host client", "event", fmt.Sprintf("%+v", e)) }
	if err := s.up(); err != nil {
		t.Fatal(err)
	}
	session := s.where.Session.String() // it stays, also when the terminal starts again
	front := made[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	s.till = s.chain.till("till-1", func(ctx context.Context, address string) (net.Conn, error) {
		if address == session {
			address = front.Addr().String()
		}
		c, err := dialTCP(ctx, address)
		if err != nil {
			return nil, err
		}
		return recorded{c, &s.places, "till connection"}, nil
	}, func(e pos.Event) {
		text, _ := json.Marshal(e) // of plain members
		s.places.add("till events", text)
	})
	b := s.stand(front, s.till.config.Cert, func(ctx context.Context) (net.Conn, error) {
		return dialTCP(ctx, session)
	}, func(to direction, frame []byte) []byte {
		s.places.add("frames "+string(to), frame)
		return frame
	})
	t.Cleanup(b.close)
	s.till.off()
	s.till.config.Book = made[*pos.Book](t)(pos.OpenBook(s.books + "/book.json"))
	s.till.on(t)
	t.Cleanup(func() { s.till.off() })
	s.counter = s.pair(s.till)
	return s
}

// learn takes a card's number and track into the search, and its PIN to the host.
func (s *searched) learn(t testing.TB, name, track string, pins map[string]string) {
	t.Helper()
	m := regexp.MustCompile(`^;(\d{12,19})=(\d+)\?`).FindStringSubmatch(track)
	if m == nil {
		t.Fatalf("%s has no track 2: %q", name, track)
	}
	if s.names[m[1]] {
		return
	}
	s.names[m[1]] = true
	pins[m[1]] = longPIN
	s.secrets = append(s.secrets, ofDigits("card number of "+name, m[1]))
	if len(m[2]) > 7 { // behind expiry and service code
		s.secrets = append(s.secrets, ofDigits("track of "+name, m[2]))
	}
	clear, err := hex.DecodeString("0000" + m[1][len(m[1])-13:len(m[1])-1])
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range []byte{0x04, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF} { // ISO 9564-1, format 0
		clear[i] ^= b
	}
	s.secrets = append(s.secrets, ofBytes("clear PIN block, format 0, of "+name, clear))
}

// take is one payment; present is what the customer does when asked.
func (s *searched) take(r wire.PaymentRequest, present func()) *wire.Final {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		f, err := s.counter.Pay(ctx, r)
		done <- outcome{f, err}
	}()
	if present != nil {
		s.await("the prompt", func() bool {
			st := s.terminal.Display()
			return st.Screen == display.Present && len(done) == 0
		})
		present()
	}
	o := <-done
	s.hands.Leave()
	s.hands.Remove()
	if o.err != nil {
		s.Fatal(r.OrderRef, ": ", o.err)
	}
	s.await("the end of it on the display", func() bool { return s.terminal.Display().Screen != display.Present })
	s.look()
	return o.final
}

func (s *searched) tap(name string) func() {
	return func() { s.hands.Tap(cardOf(s, name), nil) }
}

func (s *searched) insert(name string) func() {
	return func() {
		if err := s.hands.Insert(contacts{cardOf(s, name)}, nil); err != nil {
			s.Fatal(err)
		}
	}
}

// look GETs everything that the terminal has for GET.
func (s *searched) look() {
	s.Helper()
	base := "http://" + s.where.Plain.String()
	get := func(name, url string) string {
		r, err := http.Get(url)
		if err != nil {
			s.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			s.Fatal(err)
		}
		s.places.add(name, b)
		return string(b)
	}
	get("hello", base+"/hello")
	get("description", base+"/upnp.xml")
	page := get("display's page", s.where.Display)
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"#:]+)"`).FindAllStringSubmatch(page, -1) {
		get("display's page", s.where.Display+m[1])
	}
	text, err := json.Marshal(s.terminal.Display())
	if err != nil {
		s.Fatal(err)
	}
	s.places.add("display's state", text)
}

// watch writes down what the display's page is sent.
func (s *searched) watch() (stop func()) {
	s.Helper()
	r, err := http.Get(s.where.Display)
	if err != nil {
		s.Fatal(err)
	}
	defer r.Body.Close()
	b, _ := io.ReadAll(r.Body)
	m := tokenIn.FindSubmatch(b)
	if m == nil {
		s.Fatal("the page has no token")
	}
	conn, _, err := websocket.Dial(context.Background(), s.where.Display+"socket?token="+string(m[1]),
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {strings.TrimSuffix(s.where.Display, "/display/")}}})
	if err != nil {
		s.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, b, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			s.places.add("display's socket", b)
		}
	}()
	return func() {
		_ = conn.CloseNow()
		<-done
	}
}

// files takes in what is in a folder.
func (s *searched) files(name, dir string) {
	s.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		place := name
		if strings.Contains(path, "/journal/") {
			place = "journal"
		}
		s.places.add(place, b)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
}

// cardsSearched are those whose numbers are looked for.
var cardsSearched = []string{
	"visa-credit", "mastercard-debit", "amex-credit", "discover-credit", "contact-pin-plain", "contact-pin-enciphered", "unionpay-contact",
	"contact-offline", "mastercard-magstripe", "amex-magstripe",
}

// mustHave is what each place has if it was written down at all: without it the search would find nothing because there is
// nothing.
var mustHave = map[string]string{
	"journal": "order-tap", "terminal's folder": `"epoch"`, "terminal's log": `"msg":"payment"`, "host client's log": "0200",
	"host connection, out": "T0000001", "host connection, in": "T0000001", "till connection, out": "", "till connection, in": "",
	"frames to the terminal": `"pay_ack"`, "frames to the till": `"final"`, "till events": "Progress", "till's folder": "order-tap",
	"display's page": "<html", "display's state": "screen", "display's socket": "present", "hello": "protocol", "description": "cardwright",
	"goroutines": "terminal.(*Terminal).Run",
}

// TestSearch pays in every way there is, and looks for card numbers, tracks and PINs in all that the shop has written,
// sent and shown.
func TestSearch(t *testing.T) {
	s := newSearched(t)
	stop := s.watch()
	s.everyWay()
	s.goroutines()
	stop()
	s.till.off()
	if err := s.down(); err != nil {
		t.Fatal(err)
	}
	s.files("terminal's folder", s.config.State)
	s.files("till's folder", s.books)

	for place, has := range mustHave {
		if b := s.places.list[place]; b == nil || b.Len() == 0 || !bytes.Contains(b.Bytes(), []byte(has)) {
			t.Errorf("%s was not written down: there is no %q in %d bytes", place, has, b.Len())
		}
	}
	for place, heap := range s.places.all {
		if _, known := mustHave[place]; !known {
			t.Errorf("%s is a place without anything that it must have", place)
		}
		for i := range s.secrets {
			if found := s.secrets[i].find(heap); found != "" {
				t.Errorf("%s holds the %s", place, found)
			}
		}
		for _, f := range forms(stripe[1:17]) { // the same search finds what is there
			if planted := append(bytes.Clone(heap), f.text...); s.secrets[0].find(planted) == "" {
				t.Errorf("%s: not found: %s", place, f.name)
			}
		}
		t.Logf("%s: %d bytes", place, len(heap))
	}
}

// everyWay is a payment of each kind.
func (s *searched) everyWay() {
	s.Helper()
	want := func(f *wire.Final, result wire.Result) *wire.Final {
		s.Helper()
		if f.Result != result {
			s.Fatalf("%s is %s because of %s %s, want %s", f.OrderRef, f.Result, f.Reason, f.HostCode, result)
		}
		return f
	}
	tapped := want(s.take(s.sale("order-tap", 1250), s.tap("visa-credit")), wire.Approved)
	want(s.take(s.sale("order-pin", 25_000), s.tap("mastercard-debit")), wire.Approved) // online PIN
	want(s.take(s.sale("order-amex", 1250), s.tap("amex-credit")), wire.Approved)
	want(s.take(s.sale("order-discover", 1250), s.tap("discover-credit")), wire.Approved)
	want(s.take(s.sale("order-plain", 3000), s.insert("contact-pin-plain")), wire.Approved)
	want(s.take(s.sale("order-enciphered", 3000), s.insert("contact-pin-enciphered")), wire.Approved)
	want(s.take(s.sale("order-online", 3000), s.insert("unionpay-contact")), wire.Approved) // online PIN
	s.take(s.sale("order-paypass", 1250), s.tap("mastercard-magstripe"))
	s.take(s.sale("order-expresspay", 1250), s.tap("amex-magstripe"))
	want(s.take(s.sale("order-swipe", 1250), func() {
		s.await("somebody waits for a swipe", func() bool { return s.hands.Swipe("", stripe, "") })
	}), wire.Approved)

	s.server.Misbehave(iso.Fault{Kind: iso.Decline, MTI: "0200", Times: 1, Code: "51"})
	want(s.take(s.sale("order-declined", 1250), s.tap("visa-credit")), wire.Declined)
	s.server.Misbehave(iso.Fault{Kind: iso.Mangle, MTI: "0200", Times: 1})
	want(s.take(s.sale("order-mangled", 1250), s.tap("visa-credit")), wire.Failed)
	s.server.Behave()

	refund := s.sale("refund-1", 500)
	refund.Kind, refund.Reference = wire.KindRefund, tapped.RequestID
	want(s.take(refund, s.tap("visa-credit")), wire.Approved)
	void := s.sale("void-1", 0)
	other := want(s.take(s.sale("order-void", 990), s.insert("contact-pin-plain")), wire.Approved)
	void.Kind, void.Reference, void.OrderRef = wire.KindVoid, other.RequestID, "order-void"
	want(s.take(void, nil), wire.Approved)

	telling := labelled(s, "visa-credit", func(number string) string { return number })
	want(s.take(s.sale("order-label", 1250), func() { s.hands.Tap(telling, nil) }), wire.Approved)

	s.crash()

	reach := s.reach
	s.reach = func(context.Context) (net.Conn, error) { return nil, net.ErrClosed }
	s.restart()
	stored := s.sale("order-stored", 1250)
	stored.Offline = wire.Offline{Mode: "allow", Max: 20_000}
	fresh := made[*card.Card](s)(card.New(card.Config{Profile: "contact-offline"})) // it counts how often it was offline
	if f := want(s.take(stored, func() { _ = s.hands.Insert(contacts{fresh}, nil) }), wire.Approved); !f.Offline {
		s.Errorf("the host was away, and the payment is not an offline one: %+v", f)
	}
	s.reach = reach
	s.restart()
}

// labelled is a card that says something of its number where its name should be.
func labelled(t testing.TB, profile string, part func(number string) string) *card.Card {
	t.Helper()
	says := []byte(part(numbers.FindString(cardOf(t, profile).Stripe())))
	return made[*card.Card](t)(card.New(card.Config{
		Profile: profile, ATC: uint16(atc.Add(16)), Set: map[tlv.Tag][]byte{0x50: says, 0x9F11: {1}, 0x9F12: says},
	}))
}

// restart switches the terminal off and on.
func (s *searched) restart() {
	s.Helper()
	if err := s.down(); err != nil {
		s.Fatal(err)
	}
	if err := s.up(); err != nil {
		s.Fatal(err)
	}
	s.await("the till is back", func() bool { i := s.till.List(); return i[0].State == "ready" })
}

// crash ends the terminal between the host's answer, which is lost, and the end of the payment.
func (s *searched) crash() {
	s.Helper()
	s.server.Misbehave(iso.Fault{Kind: iso.Drop, MTI: "0200", Times: 1})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan outcome, 1)
	entries := len(s.server.Ledger())
	go func() {
		f, err := s.counter.Pay(ctx, s.sale("order-crash", 4321))
		done <- outcome{f, err}
	}()
	s.await("the prompt", func() bool { return s.terminal.Display().Screen == display.Present })
	s.tap("visa-credit")()
	s.await("the host is asked", func() bool { return len(s.server.Ledger()) > entries })
	s.restart()
	if o := <-done; o.err != nil || o.final.Result != wire.Failed {
		s.Fatalf("%+v", o)
	}
}

// goroutines takes in their stacks, with what they were called with.
func (s *searched) goroutines() {
	s.Helper()
	for _, how := range []int{1, 2} {
		if err := pprof.Lookup("goroutine").WriteTo(s.places.writer("goroutines"), how); err != nil {
			s.Fatal(err)
		}
	}
}

// TestSearchFinds plants a number in every form, and in some that were written by others: the search is worth nothing unless
// it finds them.
func TestSearchFinds(t *testing.T) {
	const number = "5387264913058276"
	s := ofDigits("card number", number)
	heap := bytes.Repeat([]byte("what is here has no number in it, and 5387 26** **** 8276 is allowed.\n"), 40)
	if found := s.find(heap); found != "" {
		t.Fatalf("found in vain: %s", found)
	}
	for at := 0; at+window <= len(number); at++ {
		for _, f := range forms(number[at : at+window]) {
			planted := append(bytes.Clone(heap[:777]), f.text...)
			if s.find(append(planted, heap[777:]...)) == "" {
				t.Errorf("not found: %s", f.name)
			}
		}
	}
	whole := map[string][]byte{ // written by others than forms
		"BCD of an odd place": {0x05, 0x38, 0x72, 0x64, 0x91, 0x30, 0x58, 0x27, 0x6F},
		"track 2":             {0x53, 0x87, 0x26, 0x49, 0x13, 0x05, 0x82, 0x76, 0xD4, 0x91, 0x21},
		"reversed half bytes": {0x35, 0x78, 0x62, 0x94, 0x31, 0x50, 0x28, 0x67},
		"base64":              []byte("eyJwYW4iOiI1Mzg3MjY0OTEzMDU4Mjc2In0="), // {"pan":"…"}
		"groups":              []byte("5387 2649 1305 8276"),
		"hex of ASCII":        []byte("35333837323634393133303538323736"),
		"backwards":           []byte("6728503194627835"),
	}
	for name, text := range whole {
		if s.find(append(bytes.Clone(heap), text...)) == "" {
			t.Errorf("not found: %s", name)
		}
	}
}

// TestSearchFindsLeak pays with a card whose label is a part of its own number that is too short to be taken for one: what
// gets to the places of a label is found there, so the search looks where the shop writes.
func TestSearchFindsLeak(t *testing.T) {
	s := newSearched(t)
	stop := s.watch()
	told := labelled(t, "visa-credit", func(number string) string { return number[:window+1] })
	s.take(s.sale("order-tap", 1250), func() { s.hands.Tap(told, nil) })
	s.goroutines()
	stop()
	s.till.off()
	if err := s.down(); err != nil {
		t.Fatal(err)
	}
	s.files("terminal's folder", s.config.State)
	s.files("till's folder", s.books)
	for _, place := range []string{"journal", "frames to the till", "till's folder", "till events"} {
		found := ""
		for i := range s.secrets {
			found += s.secrets[i].find(s.places.list[place].Bytes())
		}
		if found == "" {
			t.Errorf("%s: not found", place)
		}
	}
}
