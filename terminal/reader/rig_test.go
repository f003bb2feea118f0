package reader_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
	"github.com/cardwright/emv/terminal/reader"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// counting gives numbers that are not the same twice in a row.
type counting struct{ n byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		c.n += 29
		p[i] = c.n
	}
	return len(p), nil
}

// shop is a Reader with a simulated reader and everybody around it, who write down what they are told.
type shop struct {
	*testing.T
	hands  *simulated.Reader // who plays the cardholder
	keys   *keys
	desk   *desk
	screen *screen
	pad    *pad
	config reader.Config
	order  payment.Order

	reader *reader.Reader
	cancel context.CancelCauseFunc
	done   chan struct{}
	taken  payment.Taken
	err    error
}

// now is when the tests pay: before the simulated cards expire in 2049, after those that did in 2020.
var now = time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)

type clock struct{}

func (clock) Now() time.Time                { return now }
func (clock) Since(time.Time) time.Duration { return 0 }

// open sets a shop up and begins to take a payment of 12.50; with may change all of it before. do is what happens then;
// everybody has come to rest whenever it looks, and nothing is left behind when it returns.
func open(t *testing.T, country string, with func(*shop), do func(*shop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cas, err := capk.Test()
		if err != nil {
			t.Fatal(err)
		}
		p, err := profile.Builtin(country)
		if err != nil {
			t.Fatal(err)
		}
		verifies, err := issuer.New(issuer.Config{})
		if err != nil {
			t.Fatal(err)
		}
		s := &shop{
			T: t, keys: &keys{}, screen: &screen{}, pad: &pad{}, done: make(chan struct{}),
			hands: simulated.New(simulated.Config{Clock: clock{}}),
			order: payment.Order{
				RequestID: "request-1", Kind: payment.Sale, Amounts: payment.Amounts{Amount: 1250, Total: 1250},
				Currency: p.Currency.Numeric, Entries: []payment.Entry{payment.Tap, payment.Insert, payment.Swipe},
			},
		}
		s.desk = &desk{shop: s, issuer: verifies}
		s.config = reader.Config{
			Readers: []driver.Reader{s.hands}, Profile: p, Terminal: merchant(),
			Env:    kernel.Env{Clock: clock{}, Rand: &counting{}, CAPKs: cas},
			Screen: s.screen, PINPad: s.pad, Keys: s.keys, TokenKey: []byte("a key of tests only, 32 bytes ok"),
		}
		if with != nil {
			with(s)
		}
		if s.reader, err = reader.New(s.config); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		s.cancel = cancel
		go func() {
			defer close(s.done)
			s.taken, s.err = s.reader.Take(ctx, s.order, s.desk)
		}()
		defer func() { // whatever a test found out
			cancel(nil)
			<-s.done
		}()
		synctest.Wait()
		do(s)
		cancel(nil)
		<-s.done
		s.nothingOpen()
		if err := s.reader.Close(); err != nil {
			t.Error(err)
		}
		_ = s.hands.Close()
		s.nothingTold()
	})
}

// merchant are the data objects that no profile has.
func merchant() []byte {
	var b []byte
	b = tlv.Append(b, 0x9F01, []byte{0, 0, 0, 0, 0, 1})
	b = tlv.Append(b, 0x9F15, []byte{0x59, 0x99})
	b = tlv.Append(b, 0x9F16, []byte("M00000000000001"))
	b = tlv.Append(b, 0x9F1C, []byte("T0000001"))
	b = tlv.Append(b, 0x9F1E, []byte("00000001"))
	return tlv.Append(b, 0x9F4E, []byte("SHOP"))
}

// nothingOpen looks for sessions that Take has left open, and lights.
func (s *shop) nothingOpen() {
	s.Helper()
	if s.reader.Held() {
		s.Error("a card number is still kept")
	}
	for _, kind := range []driver.Kind{driver.Contactless, driver.Contact} {
		session, err := s.hands.Open(context.Background(), kind)
		if errors.Is(err, driver.ErrBusy) {
			s.Errorf("a session of kind %s was left open", kind)
		}
		if err == nil {
			_ = session.Close()
		}
	}
	if status, err := s.hands.Status(context.Background()); err != nil || status.Gone {
		return // its lights went with its cable
	}
	if lit := s.hands.Lit(); lit != 0 {
		s.Errorf("lights %04b are lit", lit)
	}
}

// secrets are what nobody but the host may see of the cards of the tests: numbers, in any coding, and the PIN.
var secrets struct {
	sync.Mutex
	list []string
}

func secret(number string) {
	secrets.Lock()
	defer secrets.Unlock()
	secrets.list = append(secrets.list, number)
}

// nothingTold searches what Desk and Screen were told for card numbers. Chip data go to the host as they are.
func (s *shop) nothingTold() {
	s.Helper()
	told := fmt.Sprintf("%+v %v %q %+v %v", s.taken, s.err, s.screen.told, s.desk.cards, s.desk.sealed)
	for _, b := range s.desk.sealed {
		told += " " + string(b) + fmt.Sprintf(" %x", b)
	}
	if shown := fmt.Sprint(s.screen.told); strings.Contains(shown, card.TestPIN) {
		s.Error("the screen was told the PIN")
	}
	secrets.Lock()
	defer secrets.Unlock()
	for _, number := range secrets.list {
		if strings.Contains(told, number) {
			s.Errorf("somebody was told the card number %s…", number[:6])
		}
	}
}

// card makes a simulated card and remembers its number among the secrets.
func (s *shop) card(name string, faults ...string) *card.Card {
	s.Helper()
	c, err := card.New(card.Config{Profile: name, Faults: faults})
	if err != nil {
		s.Fatal(err)
	}
	if track := c.Stripe(); track != "" {
		number, _, _ := strings.Cut(track[1:], "=")
		secret(number)
	}
	return c
}

// contacts is a simulated card at its contacts (contact.Slot).
type contacts struct{ *card.Card }

func (c contacts) Reset(ctx context.Context, warm bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.Power(warm)
}

func (s *shop) insert(c kernel.Card) {
	s.Helper()
	if simulated, ok := c.(*card.Card); ok {
		c = contacts{simulated}
	}
	if err := s.hands.Insert(c, nil); err != nil {
		s.Fatal(err)
	}
	synctest.Wait()
}

func (s *shop) tap(c kernel.Card) {
	s.hands.Tap(c, nil)
	synctest.Wait()
}

func (s *shop) swipe(track2 string) {
	s.Helper()
	if !s.hands.Swipe("", track2, "") {
		s.Fatal("nobody waits for a swipe")
	}
	synctest.Wait()
}

// finished waits for the result, as long as nobody has to do anything for it.
func (s *shop) finished() payment.Taken {
	s.Helper()
	synctest.Wait()
	time.Sleep(time.Minute)
	select {
	case <-s.done:
	default:
		s.Fatalf("no result yet; the screen: %q", s.screen.told)
	}
	return s.taken
}

// wants checks the result.
func (s *shop) wants(kind kernel.Kind, entry payment.Entry, brand string) payment.Taken {
	s.Helper()
	taken := s.finished()
	if s.err != nil || taken.Kind != kind || taken.Card.Entry != entry || taken.Card.Brand != brand {
		s.Errorf("%v because of %v, %+v, %v; the screen: %q", taken.Kind, taken.Why, taken.Card, s.err, s.screen.told)
	}
	return taken
}

// asked checks how often the host was asked, and that it believed what it was told each time.
func (s *shop) asked(times int) {
	s.Helper()
	if len(s.desk.verdicts) != times {
		s.Fatalf("the host was asked %d times: %+v", len(s.desk.verdicts), s.desk.verdicts)
	}
}

// shown reports whether the screen was told something that begins so.
func (s *shop) shown(what string) bool {
	s.screen.Lock()
	defer s.screen.Unlock()
	for _, told := range s.screen.told {
		if strings.HasPrefix(told, what) {
			return true
		}
	}
	return false
}

// sees checks that the screen was told something.
func (s *shop) sees(what string) {
	s.Helper()
	if !s.shown(what) {
		s.Errorf("the screen was not told %q: %q", what, s.screen.told)
	}
}

// keys gives DUKPT transactions with a published base key, and lets the host's side open what comes.
type keys struct {
	n     int
	fails error
}

func (k *keys) transaction(n int) *dukpt.AESTransaction {
	var bdk dukpt.Key
	ksn := dukpt.AESKSN{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, byte(n)}
	if err := dukpt.SetKey(&bdk, []byte("the base key is 16 bytes long..")[:16]); err != nil {
		panic(err)
	}
	t := &dukpt.AESTransaction{}
	if err := dukpt.HostAES(t, &bdk, ksn); err != nil {
		panic(err)
	}
	return t
}

func (k *keys) Transaction(ctx context.Context) (*p2pe.Terminal, error) {
	if k.fails != nil {
		return nil, k.fails
	}
	k.n++
	t := &p2pe.Terminal{}
	return t, errors.Join(ctx.Err(), t.UseAES(k.transaction(k.n), 0, &counting{byte(k.n)}))
}

// host is the host's side of the last transaction.
func (k *keys) host() *p2pe.Host {
	h := &p2pe.Host{}
	if err := h.UseAES(k.transaction(k.n), 0); err != nil {
		panic(err)
	}
	return h
}

// desk is the payment engine and the host behind it: a real cryptogram is verified with the key of the card.
type desk struct {
	shop   *shop
	issuer *issuer.Host

	refuses error  // CardIn
	fails   error  // Authorise
	unable  bool   // no answer
	arc     string // the host's own answer, whatever the cryptogram is; "" believes the issuer
	ask     func() // before the answer
	updates bool   // the answer has a script for the card

	cards    []payment.Card
	sealed   [][]byte
	verdicts []issuer.Verdict
	pins     []string // as the host opens them
	numbers  []string
	chip     string // the last request's, in hexadecimal
	chips    int
	values   int // enciphered, in the last request
}

func (d *desk) CardIn(_ context.Context, c payment.Card) error {
	if len(d.verdicts) > 0 {
		return errors.New("the payment is committed")
	}
	d.cards = append(d.cards, c)
	return d.refuses
}

func (d *desk) Authorise(ctx context.Context, o payment.Online) (kernel.OnlineAnswer, error) {
	d.cards = append(d.cards, o.Card)
	d.sealed = append(d.sealed, o.Sealed)
	if d.ask != nil {
		d.ask()
	}
	if d.fails != nil {
		return kernel.OnlineAnswer{}, d.fails
	}
	d.open(&o)
	v := issuer.Verdict{Approved: true, ARC: [2]byte{'0', '0'}}
	if o.Chip != nil {
		d.chips++
		d.chip = fmt.Sprintf("%x", []byte(o.Chip))
		if _, ok := tlv.Find(o.Chip, 0x9F26); ok {
			var err error
			if v, err = d.issuer.Decide(o.Chip); err != nil || !v.Valid {
				d.shop.Errorf("the issuer does not believe it: %+v, %v", v, err)
			}
		}
	}
	if d.arc != "" {
		v.ARC = [2]byte{d.arc[0], d.arc[1]}
	}
	d.verdicts = append(d.verdicts, v)
	if d.unable {
		return kernel.OnlineAnswer{Unable: true}, nil
	}
	if d.updates {
		v.Scripts = []byte{0x72, 0x0F, 0x86, 0x0D, 0x84, 0x24, 0x00, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8}
	}
	return kernel.OnlineAnswer{ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}, nil
}

// open opens what came enciphered: every value, under the keys of one transaction.
func (d *desk) open(o *payment.Online) {
	h := d.shop.keys.host()
	values, err := host.ParseValues(o.Sealed)
	if err != nil || len(values) == 0 {
		d.shop.Errorf("sealed: %d values, %v", len(values), err)
		return
	}
	d.values = len(values)
	number := ""
	for _, v := range values {
		var clear p2pe.Clear
		if err := h.Open(&clear, v, v.Content); err != nil {
			d.shop.Errorf("%v: %v", v.Content, err)
			continue
		}
		found := string(clear.Bytes())
		switch v.Content {
		case p2pe.Track2Equivalent:
			found, _, _ = strings.Cut(strings.ToUpper(fmt.Sprintf("%x", clear.Bytes())), "D")
		case p2pe.Track1:
			found, _, _ = strings.Cut(found[1:], "^")
		case p2pe.Track2:
			found, _, _ = strings.Cut(found, "=")
		default:
		}
		if number != "" && number != found {
			d.shop.Errorf("two card numbers in one request")
		}
		number = found
	}
	secret(number)
	d.numbers = append(d.numbers, number)
	if o.PIN == nil {
		return
	}
	block, err := host.ParseValues(o.PIN.Block)
	if err != nil || len(block) != 1 {
		d.shop.Errorf("PIN block: %v", err)
		return
	}
	var p pin.PIN
	if err := h.OpenPIN(&p, block[0], []byte(number)); err != nil {
		d.shop.Errorf("PIN block: %v", err)
	}
	d.pins = append(d.pins, string(p.AppendDigits(nil)))
}

// screen writes down what it is told. chooses answers; nil takes the first.
type screen struct {
	sync.Mutex
	told    []string
	chooses func(ctx context.Context, labels []string) (int, error)
}

func (s *screen) tell(format string, args ...any) {
	s.Lock()
	defer s.Unlock()
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

func (s *screen) Prompt(p reader.Prompt) { s.tell("prompt %s %s", p.Kinds, p.Notice) }
func (s *screen) Reading(string)         { s.tell("reading") }
func (s *screen) PIN(p reader.PINProgress) {
	s.tell("pin %d left %d retry %t", p.Entered, p.TriesLeft, p.Retry)
}
func (s *screen) RemoveCard(_ string, note string) { s.tell("remove %s", note) }
func (s *screen) Language(tags string)             { s.tell("language %s", tags) }

func (s *screen) Choose(ctx context.Context, _ string, labels []string) (int, error) {
	s.tell("choose %q", labels)
	if s.chooses == nil {
		return 0, nil
	}
	return s.chooses(ctx, labels)
}

// pad is a PIN pad with a customer before it: each prompt takes the next of what they do, "" being the right PIN; waits
// stands for somebody who does nothing.
type pad struct{ does []string }

func (p *pad) Enter(ctx context.Context, _ kernel.PINRequest, dst *pin.PIN, entered func(int)) (kernel.PINEntry, error) {
	next := card.TestPIN
	if len(p.does) > 0 {
		next, p.does = p.does[0], p.does[1:]
	}
	switch next {
	case "bypass":
		return kernel.PINBypassed, nil
	case "cancel":
		return kernel.PINCancelled, nil
	case "timeout":
		return kernel.PINTimeout, nil
	case "broken":
		return kernel.PINPadBroken, nil
	case "waits":
		<-ctx.Done()
		return kernel.PINPadBroken, ctx.Err()
	}
	for i := range next {
		entered(i + 1)
	}
	return kernel.PINEntered, pin.Parse(dst, []byte(next))
}

// profile makes the country's profile anew, with something else in its file.
func (s *shop) profile(old, with string) {
	s.Helper()
	file, err := os.ReadFile("../profile/data/US.json")
	if err != nil {
		s.Fatal(err)
	}
	if s.config.Profile, err = profile.Load([]byte(strings.ReplaceAll(string(file), old, with))); err != nil {
		s.Fatal(err)
	}
}
