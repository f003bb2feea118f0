//go:build linux

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/netnstest"
	"github.com/cardwright/emv/terminal/wire"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// A shop whose parts are hosts of their own, each a network namespace with the real program in it:
//
//	        pos  wlan0 .1 ─┐
//	term  eth0 .2, wlan0 .3 ┤ br0  10.77.0.254   rtr   198.51.100.1 ── up0 .2  wan: emv issuer serve
//	                        └
//	guest wlan0 10.88.0.1 ──── br1  10.88.0.254
type hosts struct {
	t                          *testing.T
	term, pos, rtr, wan, guest *netnstest.Host
	eth, wlan, tillCable, up   *netnstest.Cable
	terminal, bank             *program
	dir                        string
	orders                     atomic.Int64
}

const (
	ethAddress  = "10.77.0.2"
	wlanAddress = "10.77.0.3"
	bankAddress = "198.51.100.2:8583"
	bankControl = "http://127.0.0.1:8584"
	counterURL  = "http://127.0.0.1:8088"
	displayURL  = "http://127.0.0.1:8080/display/"
)

// newHosts makes the network and starts bank and terminal.
func newHosts(t *testing.T, flags ...string) *hosts {
	t.Helper()
	h := newNetwork(t)
	h.start(flags...)
	return h
}

// start starts bank and terminal.
func (h *hosts) start(flags ...string) {
	h.t.Helper()
	h.bank = launch(h.t, "bank", h.wan.Wrap(), "issuer", "serve", "--listen", bankAddress, "--control", strings.TrimPrefix(bankControl, "http://"))
	h.bank.find(`control at (\S+)`)
	h.configure()
	h.boot(flags...)
}

// newNetwork makes the network.
func newNetwork(t *testing.T) *hosts {
	t.Helper()
	t.Parallel()
	lab := netnstest.New(t, "go test -run Hosts ./cmd/emv")
	h := &hosts{t: t, dir: t.TempDir()}
	h.rtr, h.wan, h.term, h.pos, h.guest = lab.Host("rtr"), lab.Host("wan"), lab.Host("term"), lab.Host("pos"), lab.Host("guest")
	h.rtr.Set("1", "ipv4/ip_forward")
	h.rtr.Bridge("br0", "10.77.0.254/24")
	h.rtr.Bridge("br1", "10.88.0.254/24")
	h.rtr.Bridge("br2", "198.51.100.1/24")
	h.up = lab.Cable(h.wan, "up0", "198.51.100.2/24", h.rtr, "br2")
	h.wan.IP("route", "add", "default", "via", "198.51.100.1")
	// Each interface speaks for its own address alone, and a dead cable takes its routes with it (S31).
	h.term.Set("1", "ipv4/conf/all/arp_ignore", "ipv4/conf/all/ignore_routes_with_linkdown", "ipv4/conf/default/ignore_routes_with_linkdown")
	h.term.Set("2", "ipv4/conf/all/arp_announce")
	h.eth = lab.Cable(h.term, "eth0", "", h.rtr, "br0")
	h.wlan = lab.Cable(h.term, "wlan0", "", h.rtr, "br0")
	h.address("eth0", ethAddress, "100")
	h.address("wlan0", wlanAddress, "600")
	h.tillCable = lab.Cable(h.pos, "wlan0", "10.77.0.1/24", h.rtr, "br0")
	h.pos.IP("route", "add", "default", "via", "10.77.0.254")
	lab.Cable(h.guest, "wlan0", "10.88.0.1/24", h.rtr, "br1")
	h.guest.IP("route", "add", "default", "via", "10.88.0.254")
	return h
}

// address gives an interface of the terminal its only address, with routes that lose to those of a lower metric.
func (h *hosts) address(link, address, metric string) {
	h.term.IP("address", "flush", "dev", link)
	h.term.IP("address", "add", address+"/24", "dev", link, "noprefixroute")
	h.term.IP("route", "add", "10.77.0.0/24", "dev", link, "src", address, "metric", metric)
	h.term.IP("route", "add", "default", "via", "10.77.0.254", "dev", link, "src", address, "metric", metric)
}

// configure writes the terminal's file, and brings the key of the bank into its store by the commands for that.
func (h *hosts) configure() {
	h.t.Helper()
	kek := []byte("0123456789ABCDEF")
	block, err := iso.TestKeyBlock(kek, iso.TestInitialKeyID(uint32(os.Getpid())))
	if err != nil {
		h.t.Fatal(err)
	}
	h.write("passphrase", "a passphrase of a shop\n")
	h.write("block", string(block)+"\n")
	h.write("one", fmt.Sprintf("%X\n", kek))
	h.write("two", strings.Repeat("00", len(kek))+"\n")
	keys, passphrase := h.path("keys"), h.path("passphrase")
	for _, args := range [][]string{
		{"keys", "init", "--provider", "file", "--dir", keys, "--passphrase-file", passphrase},
		{"keys", "inject", "kek", "--provider", "file", "--dir", keys, "--passphrase-file", passphrase, "--component-file", h.path("one"), "--component-file", h.path("two"), "--header", "K1ADN"},
		{"keys", "inject", "bank-key", "--provider", "file", "--dir", keys, "--passphrase-file", passphrase, "--kek", "kek", "--block-file", h.path("block")},
	} {
		h.ends(launch(h.t, "keys", nil, args...), exitOK)
	}
	h.write("terminal.json", `{
  "format": "cardwright-terminal/1", "name": "Counter 1", "country": "GB", "state": "state",
  "keystore": {"provider": "file", "dir": "keys", "passphrase_file": "passphrase"},
  "host": {"address": "`+bankAddress+`", "terminal": "T0000001", "merchant": "M00000000000001", "key": "bank-key", "timeout_ms": 3000, "connect_ms": 2000},
  "dock": {"kind": "virtual"}
}`)
}

func (h *hosts) path(name string) string { return filepath.Join(h.dir, name) }

func (h *hosts) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// boot starts the terminal and waits until it has heard of the bank.
func (h *hosts) boot(flags ...string) {
	h.t.Helper()
	h.terminal = launch(h.t, "terminal", h.term.Wrap(), append([]string{"terminal", "--config", h.path("terminal.json"), "--capk", "test"}, flags...)...)
	h.terminal.find(`(host there=true)`)
}

// ends waits until a program has ended, and wants its exit status.
func (h *hosts) ends(p *program, status int) string {
	h.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(2 * shopGiveUp):
		h.t.Fatalf("%s does not end; it said\n%s", p.name, p.said())
	}
	if got := p.cmd.ProcessState.ExitCode(); got != status {
		h.t.Fatalf("%s: exit status %d, want %d; it said\n%s", p.name, got, status, p.said())
	}
	return p.said()
}

// till starts a command of the till; from is where it runs.
func (h *hosts) till(from *netnstest.Host, command string, args ...string) *program {
	h.t.Helper()
	return launch(h.t, "till-"+strconv.FormatInt(h.orders.Add(1), 10), from.Wrap(),
		append([]string{"pos", command, "--state", h.path("till"), "--name", "Till 1"}, args...)...)
}

// fetch gets a page at a host.
func (h *hosts) fetch(at *netnstest.Host, url string) (int, []byte) {
	h.t.Helper()
	r, err := at.Browser().Get(url)
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return r.StatusCode, b
}

// send posts to a page at a host.
func (h *hosts) send(at *netnstest.Host, url, body string) {
	h.t.Helper()
	r, err := at.Browser().Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode >= http.StatusBadRequest {
		said, _ := io.ReadAll(r.Body)
		h.t.Fatalf("%s %s: %s %s", url, body, r.Status, said)
	}
}

// counter is what the person at the terminal does.
func (h *hosts) counter(what, body string) { h.t.Helper(); h.send(h.term, counterURL+"/"+what, body) }

func (h *hosts) tap() { h.t.Helper(); h.counter("tap", `{"card":"visa-credit"}`) }

// misbehave tells the bank how to.
func (h *hosts) misbehave(fault string) { h.t.Helper(); h.send(h.wan, bankControl+"/faults", fault) }

// until polls.
func (h *hosts) until(what string, done func() bool) {
	h.t.Helper()
	for end := time.Now().Add(2 * shopGiveUp); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("it did not come to pass: %s", what)
		}
	}
}

// The states of a socket in /proc/net (include/net/tcp_states.h).
const (
	established = "01"
	listening   = "0A" // of TCP
	unconnected = "07" // of UDP
)

// sockets returns the own addresses of the terminal's sockets of a state at a port; 0 is any, and then the port is told too.
func (h *hosts) sockets(network, state string, port uint64) (at []string) {
	h.t.Helper()
	err := h.term.Do(func() error {
		for _, version := range []string{"", "6"} {
			b, err := os.ReadFile("/proc/thread-self/net/" + network + version)
			if err != nil {
				return err
			}
			for _, line := range strings.Split(string(b), "\n")[1:] {
				f := strings.Fields(line)
				if len(f) < 4 || f[3] != state {
					continue
				}
				host, number, _ := strings.Cut(f[1], ":")
				n, err := strconv.ParseUint(number, 16, 16)
				if err != nil {
					return err
				}
				raw, err := hex.DecodeString(host)
				if err != nil {
					return err
				}
				for i := 0; i < len(raw); i += 4 { // words of the machine's order
					slices.Reverse(raw[i : i+4])
				}
				a, _ := netip.AddrFromSlice(raw)
				switch port {
				case 0:
					at = append(at, netip.AddrPortFrom(a.Unmap(), uint16(n)).String())
				case n:
					at = append(at, a.Unmap().String())
				}
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Sort(at)
	return slices.Compact(at)
}

var (
	pageToken = regexp.MustCompile(`<meta name="token" content="([^"]+)">`)
	viewBox   = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	squares   = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`)
)

// photo takes a picture of the code on the terminal's display, which only the terminal's own browser gets; nil while there
// is none.
func (h *hosts) photo() []byte {
	h.t.Helper()
	_, page := h.fetch(h.term, displayURL)
	token := pageToken.FindSubmatch(page)
	if token == nil {
		h.t.Fatalf("the display has no token: %s", page)
	}
	status, svg := h.fetch(h.term, displayURL+"qr.svg?token="+string(token[1]))
	if status == http.StatusNotFound {
		return nil
	}
	number := func(b []byte) int { n, _ := strconv.Atoi(string(b)); return n }
	box := viewBox.FindSubmatch(svg)
	if box == nil {
		h.t.Fatalf("no drawing: %s", svg)
	}
	const zoom = 4
	picture := image.NewGray(image.Rect(0, 0, zoom*number(box[1]), zoom*number(box[2])))
	for i := range picture.Pix {
		picture.Pix[i] = 0xFF
	}
	for _, m := range squares.FindAllSubmatch(svg, -1) {
		for y := zoom * number(m[2]); y < zoom*(number(m[2])+1); y++ {
			for x := zoom * number(m[1]); x < zoom*(number(m[1])+number(m[3])); x++ {
				picture.SetGray(x, y, color.Gray{})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		h.t.Fatal(err)
	}
	return b.Bytes()
}

// code reads the pairing code off the display.
func (h *hosts) code() string {
	h.t.Helper()
	var photo []byte
	h.until("a code on the display", func() bool { photo = h.photo(); return photo != nil })
	text, err := till.ReadPicture(photo)
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

// pair pairs the till with the terminal.
func (h *hosts) pair() {
	h.t.Helper()
	if said := h.ends(h.till(h.pos, "pair", h.code()), exitOK); !strings.Contains(said, "paired with Counter 1") {
		h.t.Fatalf("the till says %s", said)
	}
}

// pay starts a payment, and waits until the customer is asked for a card.
func (h *hosts) pay(amount, order string) *program {
	h.t.Helper()
	p := h.till(h.pos, "pay", amount, "--order", order)
	p.find(`(PROMPTING present_card)`)
	return p
}

// sale takes a payment from start to end.
func (h *hosts) sale(amount, order string) {
	h.t.Helper()
	p := h.pay(amount, order)
	h.tap()
	if said := h.ends(p, exitOK); !strings.Contains(said, "approved  "+amount+" GBP") {
		h.t.Fatalf("the till says %s", said)
	}
}

// connections is how often the till has come to the terminal.
func (h *hosts) connections() int { return strings.Count(h.terminal.said(), "till connected") }

// book is what the till has noted of its payments.
func (h *hosts) book() (rows []till.Row) {
	h.t.Helper()
	said := h.ends(h.till(h.pos, "status", "--json"), exitOK)
	if err := json.Unmarshal([]byte(said), &rows); err != nil {
		h.t.Fatalf("%v: %s", err, said)
	}
	return rows
}

// ledger is what the bank has.
func (h *hosts) ledger() (entries []iso.Entry, charged int64) {
	h.t.Helper()
	_, b := h.fetch(h.wan, bankControl+"/ledger")
	if err := json.Unmarshal(b, &entries); err != nil {
		h.t.Fatalf("%v: %s", err, b)
	}
	var sum struct{ Amount int64 }
	_, b = h.fetch(h.wan, bankControl+"/charged?currency=826")
	if err := json.Unmarshal(b, &sum); err != nil {
		h.t.Fatalf("%v: %s", err, b)
	}
	return entries, sum.Amount
}

// agree wants that the bank charges what the till has as approved, no more and no less: at the end, for a reversal may be
// under way. Every order of the till has exactly one outcome.
func (h *hosts) agree(orders int) []till.Row {
	h.t.Helper()
	rows := h.book()
	var approved int64
	for _, r := range rows {
		if r.Final == nil {
			h.t.Fatalf("order %s has no outcome", r.Order)
		}
		if r.Final.Result == wire.Approved {
			approved += r.Final.Total
		}
		results := regexp.MustCompile(`payment request=` + r.RequestID + ` \S+ result=`)
		if n := len(results.FindAllString(h.terminal.said(), -1)); n != 1 {
			h.t.Errorf("order %s has %d outcomes at the terminal", r.Order, n)
		}
	}
	if len(rows) != orders {
		h.t.Errorf("%d payments in the till's book, want %d", len(rows), orders)
	}
	var charged int64
	for end := time.Now().Add(shopGiveUp); ; time.Sleep(100 * time.Millisecond) {
		if _, charged = h.ledger(); charged == approved {
			return rows
		}
		if time.Now().After(end) {
			entries, _ := h.ledger()
			h.t.Fatalf("the bank charges %d, the till has %d as approved: %+v, %+v", charged, approved, entries, rows)
		}
	}
}
