//go:build linux

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cardwright/emv/cmd/emv/internal/counter"
	"github.com/cardwright/emv/terminal/netnstest"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/testvectors/card"
)

// wiretap keeps every frame that passes a host, on any of its interfaces.
type wiretap struct {
	t       *testing.T
	mu      sync.Mutex
	frames  []frame
	stop    chan struct{}
	stopped chan error
}

// frame is an Ethernet frame on one interface.
type frame struct {
	at    time.Time
	link  int
	bytes []byte
}

const allProtocols = unix.ETH_P_ALL<<8&0xFF00 | unix.ETH_P_ALL>>8 // in the order of the network

// tap listens at a host until the test ends. packet(7)
func tap(t *testing.T, at *netnstest.Host) *wiretap {
	t.Helper()
	w := &wiretap{t: t, stop: make(chan struct{}), stopped: make(chan error, 1)}
	ready := make(chan error, 1)
	go func() {
		w.stopped <- at.Do(func() error {
			s, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, allProtocols)
			if err == nil {
				defer unix.Close(s)
				err = errors.Join(
					unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 32<<20),
					unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 50_000}),
				)
			}
			ready <- err
			if err != nil {
				return err
			}
			return w.listen(s)
		})
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *wiretap) listen(s int) error {
	buffer := make([]byte, 1<<16)
	for {
		n, from, err := unix.Recvfrom(s, buffer, 0)
		switch {
		case errors.Is(err, unix.EAGAIN):
			select {
			case <-w.stop: // and nothing is left
				counts, err := unix.GetsockoptTpacketStats(s, unix.SOL_PACKET, unix.PACKET_STATISTICS)
				if err == nil && counts.Drops > 0 {
					err = fmt.Errorf("%d frames were missed", counts.Drops)
				}
				return err
			default:
			}
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return err
		default:
			link := 0
			if a, ok := from.(*unix.SockaddrLinklayer); ok {
				link = a.Ifindex
			}
			w.mu.Lock()
			w.frames = append(w.frames, frame{time.Now(), link, bytes.Clone(buffer[:n])})
			w.mu.Unlock()
		}
	}
}

// end ends it, and leaves what was heard for who looks at it later.
func (w *wiretap) end(file string) {
	w.t.Helper()
	close(w.stop)
	if err := <-w.stopped; err != nil {
		w.t.Fatal(err)
	}
	// The file format of libpcap: draft-ietf-opsawg-pcap, 4 and 5. Ethernet is link type 1.
	b := binary.LittleEndian.AppendUint32(nil, 0xA1B2C3D4)
	for _, v := range []uint32{4<<16 | 2, 0, 0, 1 << 16, 1} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	for _, f := range w.frames {
		for _, v := range []uint32{uint32(f.at.Unix()), uint32(f.at.Nanosecond() / 1000), uint32(len(f.bytes)), uint32(len(f.bytes))} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		b = append(b, f.bytes...)
	}
	if err := errors.Join(os.MkdirAll(shopOut, 0o755), os.WriteFile(filepath.Join(shopOut, file), b, 0o600)); err != nil {
		w.t.Error(err)
	}
}

// streams are the frames themselves, and what TCP carried in each direction of each connection, put together: a number may
// be spread over segments. A segment that came twice is in it twice.
func (w *wiretap) streams() (all [][]byte) {
	joined := map[string][]byte{}
	for _, f := range w.frames {
		all = append(all, f.bytes)
		if name, data := segment(f.bytes); len(data) > 0 {
			name = fmt.Sprint(f.link, " ", name)
			joined[name] = append(joined[name], data...)
		}
	}
	for _, b := range joined {
		all = append(all, b)
	}
	return all
}

// segment returns the data of a TCP segment over IPv4, and which way of which connection it goes.
func segment(f []byte) (name string, data []byte) {
	const ethernet = 14
	if len(f) < ethernet+20 || binary.BigEndian.Uint16(f[12:]) != unix.ETH_P_IP || f[ethernet+9] != unix.IPPROTO_TCP {
		return "", nil
	}
	ip := f[ethernet:]
	header, total := int(ip[0]&0x0F)*4, int(binary.BigEndian.Uint16(ip[2:]))
	if len(ip) < total || total < header+20 {
		return "", nil
	}
	tcp := ip[header:total]
	offset := int(tcp[12]>>4) * 4
	if offset > len(tcp) {
		return "", nil
	}
	return string(ip[12:20]) + string(tcp[:4]), tcp[offset:]
}

// found returns the needles that are somewhere in what was heard.
func (w *wiretap) found(needles map[string][]byte) (names []string) {
	streams := w.streams()
	for name, n := range needles {
		for _, s := range streams {
			if bytes.Contains(s, n) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// digitsIn are the forms that digits may have on a wire: as text, in half bytes from either side, and within Base64 and hexadecimal text of those.
func digitsIn(name, digits string, into map[string][]byte) {
	into[name+", as text"] = []byte(digits)
	into[name+", as UTF-16"] = []byte(strings.Join(strings.Split(digits, ""), "\x00"))
	even, _ := hex.DecodeString(digits[:len(digits)&^1])
	odd, _ := hex.DecodeString(digits[1 : 1+(len(digits)-1)&^1])
	for half, b := range map[string][]byte{"from the first": even, "from the second": odd} {
		into[name+", half bytes "+half] = b
		secretIn(name+", half bytes "+half, b, into)
	}
	secretIn(name, []byte(digits), into)
}

// secretIn are the forms that bytes may have.
func secretIn(name string, b []byte, into map[string][]byte) {
	into[name+", as it is"] = b
	into[name+", hexadecimal"] = []byte(hex.EncodeToString(b))
	into[name+", HEXADECIMAL"] = []byte(strings.ToUpper(hex.EncodeToString(b)))
	for shift := range 3 { // Base64 has three ways to begin
		for kind, e := range map[string]*base64.Encoding{"standard": base64.RawStdEncoding, "URL": base64.RawURLEncoding} {
			text := e.EncodeToString(append(make([]byte, shift), b...))
			text = text[(shift*8+5)/6 : len(text)-1] // without the letters that the neighbours change
			if len(text) >= 8 {
				into[fmt.Sprintf("%s, Base64 %s %d", name, kind, shift)] = []byte(text)
			}
		}
	}
}

// What passes between till, terminal and bank while they pair and sell by tap, chip and stripe has no card number, no track
// and no secret in it. The bank is connected without TLS: what is enciphered there is so by itself. S88
func TestHostsWire(t *testing.T) {
	h := newHosts(t)
	wire := tap(t, h.rtr)
	text := h.code()
	h.ends(h.till(h.pos, "pair", text), exitOK)
	tracks := map[string]string{}
	for i, x := range []struct{ way, card string }{{"tap", "visa-credit"}, {"insert", "visa-contact"}, {"swipe", counter.Stripe}} {
		p := h.pay("12.50", fmt.Sprint("order-", i))
		h.counter(x.way, `{"card":"`+x.card+`"}`)
		h.ends(p, exitOK)
		if x.card != counter.Stripe { // which has the number of visa-credit
			tracks[x.card] = must[*card.Card](t)(card.New(card.Config{Profile: x.card})).Stripe()
		}
		if x.way == "insert" {
			h.counter("remove", "")
		}
	}
	for i, r := range h.agree(3) {
		if want := []string{"swipe", "insert", "tap"}[i]; r.Final.Receipt == nil || string(r.Final.Receipt.Entry) != want {
			t.Errorf("the card was read in another way than %s: %+v", want, r.Final.Receipt)
		}
	}
	h.control(wire, "wire.pcap")
	// The whole of it was heard: on the way to the bank what is no secret is in the clear.
	if got := wire.found(map[string][]byte{"a": []byte("M00000000000001"), "b": []byte("T0000001")}); len(got) != 2 {
		t.Errorf("the way to the bank was not heard: %q", got)
	}
	secrets := h.pairSecrets(text)
	for name, track := range tracks {
		track = strings.Trim(track, ";?")
		number, rest, ok := strings.Cut(track, "=")
		if !ok || len(number) < 16 {
			t.Fatalf("%s has no track 2: %q", name, track)
		}
		digitsIn(name+": card number", number, secrets)
		digitsIn(name+": what stands behind it", rest, secrets)
		secrets[name+": what a receipt masks"] = []byte(number[:len(number)-4])
	}
	h.nothing(wire, secrets)
}

// The PIN that is entered at the terminal does not leave it. The card verifies it, and the bank is in the terminal: PINs are
// entered into a page only where it is simulated.
func TestHostsWirePIN(t *testing.T) {
	h := newNetwork(t)
	h.terminal = launch(t, "terminal", h.term.Wrap(), "terminal", "--country", "GB", "--name", "Counter 1", "--state", h.path("state"))
	h.terminal.find(`(host there=true)`)
	wire := tap(t, h.rtr)
	text := h.code()
	h.ends(h.till(h.pos, "pair", text), exitOK)
	p := h.pay("12.50", "order-1")
	h.counter("insert", `{"card":"mastercard-contact"}`)
	const wrong, right = "94618273", "1234"
	for i, digits := range []string{wrong, right} {
		h.until("the PIN pad", func() bool {
			var s counter.State
			_, b := h.fetch(h.term, counterURL+"/state")
			return json.Unmarshal(b, &s) == nil && s.Pad != nil && s.Pad.Asks && s.Pad.Retry == (i > 0)
		})
		for _, d := range strings.Split(digits, "") {
			h.counter("pad", `{"key":"`+d+`"}`)
		}
		h.counter("pad", `{"key":"enter"}`)
	}
	h.terminal.find(` (result=)`)
	h.counter("remove", "")
	if said := h.ends(p, exitOK); !strings.Contains(said, "verified by") {
		t.Errorf("the till says %s", said)
	}
	h.control(wire, "wire-pin.pcap")
	secrets := h.pairSecrets(text)
	digitsIn("PIN", wrong, secrets)
	for name, digits := range map[string]string{"PIN": right, "wrong PIN": wrong} { // Book 3, 6.5.12.2
		block := must[[]byte](t)(hex.DecodeString(fmt.Sprintf("2%X%s%s", len(digits), digits, strings.Repeat("F", 14-len(digits)))))
		secretIn(name+" block", block, secrets)
	}
	h.nothing(wire, secrets)
}

// control ends the tap, and wants that the search finds what was planted: a number in two segments, in half bytes, and
// within Base64.
func (h *hosts) control(wire *wiretap, file string) {
	h.t.Helper()
	const planted = "5413330089020011"
	var l net.Listener
	err := h.rtr.Do(func() (err error) {
		l, err = net.Listen("tcp", "10.77.0.254:0")
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	defer l.Close()
	sender := must[net.Conn](h.t)(h.pos.Dial(h.t.Context(), "tcp", l.Addr().String()))
	defer sender.Close()
	receiver := must[net.Conn](h.t)(l.Accept())
	defer receiver.Close()
	half := must[[]byte](h.t)(hex.DecodeString(planted))
	// Each is received before the next is sent, so that it is a segment of its own.
	for _, part := range []string{"number " + planted[:7], planted[7:], string(half), base64.StdEncoding.EncodeToString([]byte("x" + planted))} {
		if _, err := sender.Write([]byte(part)); err != nil {
			h.t.Fatal(err)
		}
		if _, err := io.ReadFull(receiver, make([]byte, len(part))); err != nil {
			h.t.Fatal(err)
		}
	}
	wire.end(file)
	forms := map[string][]byte{}
	digitsIn("planted", planted, forms)
	found := strings.Join(wire.found(forms), "; ")
	for _, form := range []string{"planted, as text", "planted, half bytes from the first, as it is", "planted, Base64 standard 1"} {
		if !strings.Contains(found, form) {
			h.t.Errorf("the search is blind: %s was not found, but %s", form, found)
		}
	}
	for _, f := range wire.frames {
		if bytes.Contains(f.bytes, []byte(planted)) {
			h.t.Error("the planted number is in one frame: nothing shows that connections are put together")
			return
		}
	}
}

// pairSecrets are what a pairing code and the till's record of the pair have that nobody else may know.
func (h *hosts) pairSecrets(text string) map[string][]byte {
	h.t.Helper()
	secrets := map[string][]byte{"pairing code": []byte(strings.TrimPrefix(text, "CARDWRIGHT1:"))}
	code := must[*pairing.Code](h.t)(pairing.DecodeQR(text))
	secretIn("pairing secret", code.Secret[:], secrets)
	records := must[*pairing.Records](h.t)(pairing.OpenRecords(filepath.Join(h.path("till"), "terminals.json")))
	for _, r := range records.All() {
		secretIn("resume key", r.ResumeKey, secrets)
	}
	if len(records.All()) != 1 {
		h.t.Errorf("%d pairs", len(records.All()))
	}
	return secrets
}

// nothing wants that no secret was heard.
func (h *hosts) nothing(wire *wiretap, secrets map[string][]byte) {
	h.t.Helper()
	for _, name := range wire.found(secrets) {
		h.t.Errorf("on the wire: %s", name)
	}
	h.t.Logf("%d frames, %d forms of secrets", len(wire.frames), len(secrets))
}
