package station

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/counter"
	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/host/acquirer"
	"github.com/cardwright/emv/testvectors/issuer/iso"
	"github.com/cardwright/emv/tlv"
)

// The shop of a terminal whose setup names none.
const (
	shopName   = "CARDWRIGHT DEMO SHOP"
	merchantID = "CARDWRIGHT00001" // 15 characters
	terminalID = "DEMO0001"
	category   = "5999" // miscellaneous retail
	serial     = "00000001"
)

// host makes the way to the bank: a simulated one on a loopback port of this process, where the setup names none.
func (s *Station) host(ctx context.Context, c *terminal.Config) error {
	h := s.options.Setup.Host
	keys := &transactions{}
	if h == nil {
		var err error
		if h, err = s.simulate(ctx, keys); err != nil {
			return err
		}
		s.Pad = &counter.Pad{Bypass: c.Profile.CVM.Bypass}
		c.PINPad = s.Pad // only where the bank is simulated: nobody enters a real PIN into a page
	} else {
		tdes, err := isTDES(s.Keys, h.Key)
		if err != nil {
			return err
		}
		*keys = transactions{from: s.Keys, label: h.Key, tdes: tdes}
	}
	client, err := host.New(host.Config{
		Dialect: h.Dialect, Endpoint: host.Endpoint{Address: h.Address, TLS: h.TLS},
		Terminal: h.Terminal, Merchant: h.Merchant, Fields: h.Fields,
		Keys: keys.from, Label: keys.label, Timeout: h.Timeout, Connect: h.Connect, Usable: usable,
		Events: s.heard,
	})
	if err != nil {
		return err
	}
	s.client = client
	s.closing(client.Close)
	c.Keys = keys
	c.Host = acquirer.New(client, acquirer.Config{PIN: c.PINPad != nil && c.Profile.CVM.OnlinePIN})
	c.Echo = echo(client)
	c.Objects = objects(&s.options.Setup, h)
	return nil
}

// simulate starts a bank.
func (s *Station) simulate(ctx context.Context, keys *transactions) (*setup.Host, error) {
	server, err := iso.New(iso.Config{Watch: func(e iso.Event) {
		if s.Counter != nil {
			s.Counter.BankSpoke()
		}
		if s.options.Bank != nil {
			s.options.Bank(e)
		}
	}})
	if err != nil {
		return nil, err
	}
	var number [4]byte
	if _, err := rand.Read(number[:]); err != nil {
		return nil, err
	}
	own, err := iso.NewTerminalKeys(iso.TestInitialKeyID(binary.BigEndian.Uint32(number[:])))
	if err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, &terminal.Error{Code: terminal.CodePort, Field: "bank", Err: err}
	}
	s.Bank, s.bank = server, l
	s.closing(func() error { return ignoreClosed(l.Close()) })
	*keys = transactions{from: own, label: "dukpt"}
	return &setup.Host{Address: l.Addr().String(), Terminal: terminalID, Merchant: merchantID, Key: keys.label}, nil
}

// usable reports whether an address is still one of this machine's, at an interface that has a carrier. A cable that was
// pulled, with the terminal out of its dock, ends no connection. S30
func usable(local net.Addr) bool {
	at, ok := local.(*net.TCPAddr)
	interfaces, err := net.Interfaces()
	if !ok || err != nil {
		return true
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagRunning == 0 {
			continue
		}
		own, err := i.Addrs()
		if err != nil {
			return true
		}
		for _, a := range own {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(at.IP) {
				return true
			}
		}
	}
	return len(interfaces) == 0 // a system that does not tell
}

// heard logs what happens on the connection to the bank.
func (s *Station) heard(e host.Event) {
	if s.options.Log == nil {
		return
	}
	args := []any{"what", string(e.Kind)}
	if e.MTI != "" {
		args = append(args, "message", string(e.MTI)+" "+e.STAN)
	}
	if e.Code != "" {
		args = append(args, "code", e.Code)
	}
	if e.Err != nil {
		args = append(args, "error", e.Err)
	}
	switch e.Kind {
	case host.Mangled, host.WrongMAC, host.Mismatched, host.NoAnswer, host.Stale:
		s.options.Log.Warn("bank", args...)
	default:
		s.options.Log.Debug("bank", args...)
	}
}

// echo asks whether the bank is there. Its trace numbers are the highest, far from those of payments, and no two that are
// under way are equal.
func echo(client *host.Client) func(context.Context) error {
	const first, count = 990_000, 10_000
	var n atomic.Uint32
	return func(ctx context.Context) error {
		now := time.Now()
		stan := first + n.Add(1)%count
		return client.Echo(ctx, host.Trace{STAN: stan, RRN: fmt.Sprintf("%s%06d", now.Format("060102"), stan), Time: now})
	}
}

// objects are the data objects of merchant and device that no country's profile has. Book 3, Annex A.
func objects(s *setup.Setup, h *setup.Host) []byte {
	code := s.Code
	if code == [2]byte{} {
		b, _ := hex.DecodeString(category)
		code = [2]byte(b)
	}
	name, number := s.Address, s.Serial
	if name == "" {
		name = s.Name
	}
	if name == "" {
		name = shopName
	}
	if number == "" {
		number = serial
	}
	var data []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x9F01, []byte{0, 0, 0, 0, 0, 1}},                    // Acquirer Identifier
		{0x9F15, code[:]},                                     // Merchant Category Code
		{0x9F16, []byte(fmt.Sprintf("%-15.15s", h.Merchant))}, // Merchant Identifier
		{0x9F1C, []byte(fmt.Sprintf("%-8.8s", h.Terminal))},   // Terminal Identification
		{0x9F1E, []byte(fmt.Sprintf("%-8.8s", number))},       // IFD Serial Number
		{0x9F4E, []byte(name)},                                // Merchant Name and Location
	} {
		data = tlv.Append(data, o.tag, o.value)
	}
	return data
}
