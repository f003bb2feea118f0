package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/devices"
	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/terminal/profile"
	issuing "github.com/cardwright/emv/testvectors/issuer/iso"
)

// terminalFlags are the flags of emv terminal. What a file can say as well is over what it says.
type terminalFlags struct {
	config, check                string
	name, state, country, custom string
	readers, capks               []string
	ports                        setup.Ports
	keystore, passphrase, tpm    string
	acquirer                     setup.Host
	dialect                      string
	pins                         []string
	unpair                       []string
	dock                         string
	quiet                        bool
	demo                         demoFlags
}

func terminalCommand() *cobra.Command {
	var f terminalFlags
	cmd := &cobra.Command{
		Use:   "terminal",
		Short: "Be a payment terminal that tills pair with",
		Long: `terminal is a card terminal: it shows a pairing code, then the cart of the till that
scanned it, asks for a card when the till asks for a payment, and has the bank
decide. Its screen is a page for the device's own browser.

Without flags everything that a machine may lack is simulated: the reader and its
cards, the bank, the dock, and keys are in files. A page called the counter, for
this machine alone, has the cards to tap, insert and swipe, a PIN pad for tests,
the dock, and a bank that misbehaves. What there is in earnest comes by flags or by
one file (docs/terminal.md): readers as emv readers names them, a TPM, an acquirer
that speaks ISO 8583. Flags are over the file.

--demo takes one payment from start to end in this process, with a till, and tells
what each side sees. It needs no ports and leaves nothing behind.

Exit status: 0 when it was interrupted, or the demo's payment was approved; 1 the
demo's payment was not, or the terminal stopped; 2 the command line or the file is
wrong, or a port is taken.`,
		Example: `  emv terminal --demo
  emv terminal --demo --insert --card mastercard-contact
  emv terminal
  emv terminal --country GB --state /tmp/terminal --session :0 --plain 127.0.0.1:0
  emv terminal --config terminal.json
  emv terminal --check terminal.json`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return runTerminal(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.config, "config", "", "file that sets the terminal up")
	flags.StringVar(&f.check, "check", "", "check such a file, and do nothing else")
	flags.StringVar(&f.name, "name", "", "what tills call the terminal (default \"Terminal\")")
	flags.StringVar(&f.country, "country", "", "country of the terminal, as US, USA or 840 (default US)")
	flags.StringVar(&f.custom, "profile", "", "file with the profile of another country")
	flags.StringVar(&f.state, "state", "", "folder that keeps its payments, tills and keys (default cardwright/terminal in\n"+
		"the user's folder for state)")
	flags.StringVar(&f.ports.Session, "session", "", "HOST:PORT for tills (default :4443); of all ports, 0 takes a free one")
	flags.StringVar(&f.ports.Plain, "plain", "", "HOST:PORT for the display and for tills that look for it (default :8080)")
	flags.StringVar(&f.ports.Pairing, "pairing", "", "HOST:PORT for pairing, while a code is shown (default :27000)")
	flags.StringVar(&f.ports.Presence, "presence", "", "HOST:PORT for the beacon, UDP (default :27001)")
	flags.StringVar(&f.ports.Counter, "counter", "", "HOST:PORT for the counter (default "+station.DefaultCounter+")")
	flags.StringArrayVar(&f.readers, "reader", nil, "use this reader, as emv readers names it; repeatable (default: simulated)")
	flags.StringArrayVar(&f.capks, "capk", nil, "file with CA public keys, or test, production; repeatable (default: production\nwith --host, otherwise test)")
	flags.StringVar(&f.keystore, "keystore", "", "folder of its keys (default: keys in the state's folder)")
	flags.StringVar(&f.passphrase, "passphrase-file", "", "file with the passphrase of a store of files (default: one that it makes up)")
	flags.StringVar(&f.tpm, "tpm", "", "keep keys in the TPM behind this device or socket")
	flags.StringVar(&f.acquirer.Address, "host", "", "HOST:PORT of the acquirer (default: simulated)")
	flags.StringArrayVar(&f.pins, "host-pin", nil, "sha256:HEX of the acquirer's public key, for TLS; repeatable (default: no TLS)")
	flags.StringVar(&f.acquirer.Terminal, "host-terminal", "", "the terminal's identification there (field 41)")
	flags.StringVar(&f.acquirer.Merchant, "host-merchant", "", "the merchant's (field 42)")
	flags.StringVar(&f.acquirer.Key, "host-key", "", "label of the DUKPT key for it in the keystore")
	flags.StringVar(&f.dialect, "host-dialect", "", "file with the acquirer's dialect (default: cardwright-87)")
	flags.StringVar(&f.dock, "dock", "", "virtual, usb:VENDOR:PRODUCT, or none (default: virtual with a simulated reader)")
	flags.StringArrayVar(&f.unpair, "unpair", nil, "before anything else shut out a till that is paired, by name or id; repeatable")
	flags.BoolVar(&f.quiet, "quiet", false, "print where it is, and not what happens")
	f.demo.add(cmd)
	cmd.MarkFlagsMutuallyExclusive("country", "profile")
	cmd.MarkFlagsMutuallyExclusive("tpm", "passphrase-file")
	cmd.MarkFlagsMutuallyExclusive("config", "check")
	cmd.MarkFlagsMutuallyExclusive("unpair", "demo")
	return cmd
}

func runTerminal(cmd *cobra.Command, f *terminalFlags) error {
	if f.check != "" {
		return checkSetup(cmd, f.check)
	}
	if err := f.demo.check(); err != nil {
		return err
	}
	s, err := f.setup()
	if err != nil {
		return err
	}
	if len(f.capks) > 0 {
		s.CAKeys = f.capks
	}
	capks, err := loadCAPKs(s.CAKeys, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	o := station.Options{Setup: *s, CAPKs: capks, Open: devices.Open, Version: readBuildInfo().Version}
	if f.demo.on {
		return runDemo(cmd, &f.demo, o)
	}
	return serveTerminal(cmd, f, o)
}

// checkSetup reads a file and says that it is good.
func checkSetup(cmd *cobra.Command, path string) error {
	s, err := setup.Load(path)
	if err != nil {
		return err
	}
	what := []string{"reader simulated", "bank simulated"}
	if len(s.Readers) > 0 {
		what[0] = "reader " + strings.Join(s.Readers, ", ")
	}
	if s.Host != nil {
		what[1] = "bank " + s.Host.Address
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is good: %s\n", path, strings.Join(what, ", "))
	return err
}

// setup reads the file and puts the flags over it.
func (f *terminalFlags) setup() (*setup.Setup, error) {
	s := &setup.Setup{}
	if f.config != "" {
		var err error
		if s, err = setup.Load(f.config); err != nil {
			return nil, err
		}
	}
	if f.country != "" || f.custom != "" || s.Profile == nil {
		var err error
		if s.Profile, err = f.profile(); err != nil {
			return nil, err
		}
	}
	for _, e := range []struct {
		to   *string
		flag string
	}{
		{&s.Name, f.name},
		{&s.State, f.state},
		{&s.Ports.Session, f.ports.Session},
		{&s.Ports.Plain, f.ports.Plain},
		{&s.Ports.Pairing, f.ports.Pairing},
		{&s.Ports.Presence, f.ports.Presence},
		{&s.Ports.Counter, f.ports.Counter},
	} {
		if e.flag != "" {
			*e.to = e.flag
		}
	}
	for _, p := range []struct{ flag, address string }{
		{"session", f.ports.Session},
		{"plain", f.ports.Plain},
		{"pairing", f.ports.Pairing},
		{"presence", f.ports.Presence},
		{"counter", f.ports.Counter},
	} {
		if p.address == "" {
			continue
		}
		if err := setup.CheckAddress(p.address); err != nil {
			return nil, usage("--" + p.flag + " " + err.Error())
		}
	}
	if len(f.readers) > 0 {
		s.Readers = f.readers
	}
	if f.keystore != "" || f.passphrase != "" || f.tpm != "" {
		s.Keystore = &setup.Keystore{Provider: providerFile, Dir: f.keystore, Passphrase: f.passphrase, TPM: f.tpm}
		if f.tpm != "" {
			s.Keystore.Provider = providerTPM
		}
	}
	if err := f.dockOf(s); err != nil {
		return nil, err
	}
	if err := f.hostOf(s); err != nil {
		return nil, err
	}
	if s.State == "" && !f.demo.on {
		dir, err := stateFolder()
		if err != nil {
			return nil, usage("--state is needed: " + err.Error())
		}
		s.State = dir
	}
	return s, nil
}

func (f *terminalFlags) profile() (*profile.Profile, error) {
	country := f.country
	if country == "" {
		country = "US"
	}
	return (&payFlags{country: country, profile: f.custom}).terminal()
}

func (f *terminalFlags) dockOf(s *setup.Setup) error {
	kind, id, _ := strings.Cut(f.dock, ":")
	switch {
	case kind == "":
		return nil
	case (kind == setup.DockVirtual || kind == setup.DockNone) && id == "":
		s.Dock = kind
		return nil
	case kind == setup.DockUSB:
		d, err := dockDevice(id)
		s.Dock, s.DockDevices = kind, d
		return err
	}
	return usage("--dock is virtual, usb:VENDOR:PRODUCT or none")
}

// hostOf takes the acquirer of the flags.
func (f *terminalFlags) hostOf(s *setup.Setup) error {
	h := f.acquirer
	if h.Address == "" {
		if h.Terminal != "" || h.Merchant != "" || h.Key != "" || f.dialect != "" || len(f.pins) > 0 {
			return usage("--host-… are for --host")
		}
		return nil
	}
	if err := setup.CheckAddress(h.Address); err != nil || strings.HasPrefix(h.Address, ":") {
		return usage("--host must be HOST:PORT")
	}
	if h.Terminal == "" || h.Merchant == "" || h.Key == "" {
		return usage("--host needs --host-terminal, --host-merchant and --host-key")
	}
	if f.dialect != "" {
		b, err := os.ReadFile(f.dialect)
		if err != nil {
			return usage(err.Error())
		}
		if h.Dialect, err = host.LoadDialect(b); err != nil {
			return err
		}
	}
	if len(f.pins) > 0 {
		h.TLS = &host.TLS{}
	}
	for _, p := range f.pins {
		pin, err := setup.ParsePin(p)
		if err != nil {
			return usage("--host-pin " + err.Error())
		}
		h.TLS.Pins = append(h.TLS.Pins, pin)
	}
	s.Host = &h
	return nil
}

// stateFolder is where a terminal keeps what it must not lose: XDG Base Directory Specification, XDG_STATE_HOME; elsewhere
// the system's folder for such things.
func stateFolder() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "cardwright", "terminal"), nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := os.UserConfigDir()
		return filepath.Join(dir, "cardwright", "terminal"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state", "cardwright", "terminal"), err
}

// unpair shuts out tills, each named by its id, or by its name if no other till has that.
func unpair(t *terminal.Terminal, names []string) error {
	for _, name := range names {
		var found []terminal.Till
		for _, till := range t.Tills() {
			if till.ID == name {
				found = []terminal.Till{till}
				break
			}
			if till.Name == name {
				found = append(found, till)
			}
		}
		switch len(found) {
		case 0:
			return usage(fmt.Sprintf("--unpair: no till %q is paired; there are: %s", name, tillsText(t.Tills())))
		case 1:
		default:
			return usage(fmt.Sprintf("--unpair: there are several, name one by its id: %s", tillsText(found)))
		}
		if err := t.Unpair(found[0].ID); err != nil {
			return err
		}
	}
	return nil
}

// cardDelay is how long a simulated card takes for an answer where people look on.
const cardDelay = 25 * time.Millisecond

// serveTerminal runs a terminal until it is interrupted.
func serveTerminal(cmd *cobra.Command, f *terminalFlags, o station.Options) error {
	out := &lines{to: cmd.OutOrStdout()}
	st := style.For(cmd.OutOrStdout())
	log := &heldLines{to: out}
	o.Delay = cardDelay
	if !f.quiet {
		o.Log = slog.New(&logPrinter{print: log.print, s: st})
		o.Bank = func(e issuing.Event) { log.print(logLine(st, "bank", messageText(st, e))) }
		o.Told = func(what string) { log.print(logLine(st, "counter", what)) }
	}
	s, err := station.Open(cmd.Context(), o)
	if err != nil {
		log.release()
		return portHint(err)
	}
	if err := unpair(s.Terminal, f.unpair); err != nil {
		log.release()
		return errors.Join(err, s.Close())
	}
	err = s.Run(cmd.Context(), func(at terminal.Addresses) {
		printWhere(out, st, s, at, &o)
		log.release()
	})
	log.release()
	if e := s.Close(); err == nil {
		err = e
	}
	if cmd.Context().Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		out.print("stopped")
		return nil
	}
	var ended *terminal.Error
	if errors.As(err, &ended) && ended.Code == terminal.CodeStopped {
		return &endError{exitBad, err}
	}
	return portHint(err)
}

// portHint says how to get another port.
func portHint(err error) error {
	var e *terminal.Error
	if !errors.As(err, &e) || e.Code != terminal.CodePort {
		return err
	}
	flag, _, _ := strings.Cut(e.Field, " ")
	return &kernel.Error{Code: e.Code, Text: fmt.Sprintf("the %s port: %v; --%s HOST:PORT takes another one, HOST:0 a free one", flag, e.Err, flag)}
}
