package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// issuerServeFlags are the flags of emv issuer serve.
type issuerServeFlags struct {
	listen, control, certificate, key string
	misbehave, hot                    []string
	limit                             uint64
	tls, decline, unable, quiet       bool
}

func issuerCommand() *cobra.Command {
	return group("issuer", "Run the simulated acquirer and issuer", issuerServeCommand())
}

func issuerServeCommand() *cobra.Command {
	var f issuerServeFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer ISO 8583 messages as an acquirer and its issuer",
		Long: `serve answers authorisations, financial transactions, advices, reversals, totals
and network management of ISO 8583:1987, each with a length of two bytes in front,
as the dialect cardwright-87 has them: card data, PIN and MAC under AES DUKPT, with
the published test key as base derivation key. It verifies the cryptograms of the
simulated cards, and keeps a ledger.

It misbehaves on request, once or several times, for requests whose message type
begins so: KIND[=ARGUMENT][@MTI][*TIMES]; *0 is for ever. The kinds:

  delay=TIME  answer later            drop     process it, and do not answer
  lose        the request never came  double   answer twice
  mangle      answer with wrong bits  mac      answer with a wrong MAC
  reorder     answer behind the next  cut      close in the middle of the answer
  stray       an answer of another request comes first
  wrong       the answer has another amount and another reference number
  decline=CODE

At --control there is HTTP for tests: GET /ledger, GET /charged?currency=826, POST
/faults with a fault a line, DELETE /faults.

Exit status: 0 when it was interrupted; 2 the command line is wrong, or it can't
listen.`,
		Example: `  emv issuer serve
  emv issuer serve --misbehave drop@0200 --misbehave 'delay=2s@04*3'
  emv issuer serve --tls --control 127.0.0.1:8584`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return runIssuerServe(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8583", "HOST:PORT to listen at; port 0 takes a free one")
	flags.StringVar(&f.control, "control", "", "HOST:PORT for the ledger and faults, by HTTP without protection")
	flags.StringArrayVar(&f.misbehave, "misbehave", nil, "a fault; repeatable")
	flags.Uint64Var(&f.limit, "limit", 0, "largest amount that is approved, in minor units; 0 for no limit")
	flags.StringArrayVar(&f.hot, "hot", nil, "card number that is declined; repeatable")
	flags.BoolVar(&f.decline, "decline", false, "decline everything")
	flags.BoolVar(&f.unable, "unable", false, "do not answer for cards with a chip")
	flags.BoolVar(&f.tls, "tls", false, "TLS 1.3, with a certificate made at start whose pin is printed")
	flags.StringVar(&f.certificate, "tls-certificate", "", "file with a certificate for TLS 1.3, PEM")
	flags.StringVar(&f.key, "tls-key", "", "file with its key, PEM")
	flags.BoolVar(&f.quiet, "quiet", false, "do not print what happens")
	cmd.MarkFlagsRequiredTogether("tls-certificate", "tls-key")
	cmd.MarkFlagsMutuallyExclusive("tls", "tls-certificate")
	return cmd
}

func runIssuerServe(cmd *cobra.Command, f *issuerServeFlags) error {
	faults := make([]iso.Fault, 0, len(f.misbehave))
	for _, s := range f.misbehave {
		fault, err := iso.ParseFault(s)
		if err != nil {
			return usage("--misbehave " + s + ": " + err.Error())
		}
		faults = append(faults, fault)
	}
	out := &lines{to: cmd.OutOrStdout()}
	config := iso.Config{
		Issuer: issuer.Config{Unable: f.unable, Decline: f.decline, Limit: f.limit, HotList: f.hot},
		Limit:  f.limit, HotList: f.hot, Faults: faults,
	}
	if f.decline {
		config.Faults = append(config.Faults, iso.Fault{Kind: iso.Decline, MTI: "01"}, iso.Fault{Kind: iso.Decline, MTI: "02"})
	}
	if !f.quiet {
		s := style.For(cmd.OutOrStdout())
		config.Watch = func(e iso.Event) { out.print(messageText(s, e)) }
	}
	server, err := iso.New(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	l, err := f.listener(ctx, out)
	if err != nil {
		return err
	}
	if f.control != "" {
		done, err := f.serveControl(ctx, server, out)
		if err != nil {
			_ = l.Close()
			return err
		}
		defer done()
	}
	defer cancel()
	return server.Serve(ctx, l)
}

// listener listens, with TLS where it is asked for.
func (f *issuerServeFlags) listener(ctx context.Context, out *lines) (net.Listener, error) {
	var certificate tls.Certificate
	var err error
	switch {
	case f.tls:
		var pin [32]byte
		if certificate, pin, err = iso.Certificate(time.Now()); err == nil {
			out.print(fmt.Sprintf("key pin sha256:%x", pin))
		}
	case f.certificate != "":
		certificate, err = tls.LoadX509KeyPair(f.certificate, f.key)
	}
	if err != nil {
		return nil, &kernel.Error{Code: "input.certificate", Text: err.Error()}
	}
	l, err := listenAt(ctx, f.listen)
	if err != nil {
		return nil, err
	}
	out.print("listening at " + l.Addr().String())
	if certificate.Certificate != nil {
		return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate}}), nil
	}
	return l, nil
}

// serveControl starts the HTTP side. done ends it.
func (f *issuerServeFlags) serveControl(ctx context.Context, s *iso.Server, out *lines) (done func(), err error) {
	l, err := listenAt(ctx, f.control)
	if err != nil {
		return nil, err
	}
	out.print("control at http://" + l.Addr().String())
	web := &http.Server{Handler: s.Control(), ReadHeaderTimeout: 5 * time.Second}
	var running sync.WaitGroup
	running.Go(func() {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			out.print("control ended: " + err.Error())
		}
	})
	return func() {
		_ = web.Close()
		running.Wait()
	}, nil
}

func listenAt(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &kernel.Error{Code: "input.listen", Text: err.Error()}
	}
	return l, nil
}

// lines prints from several goroutines.
type lines struct {
	mu sync.Mutex
	to io.Writer
}

func (l *lines) print(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.to, s)
}

func messageText(s style.Style, e iso.Event) string {
	code := e.Code
	switch code {
	case "":
		code = s.Bad("no answer")
	case "00":
		code = s.Strong(code)
	}
	text := fmt.Sprintf("%s  %s  %s", e.MTI, e.STAN, code)
	if e.Currency != "" {
		text += fmt.Sprintf("  %d %s", e.Amount, e.Currency)
	}
	if e.Note != "" {
		text += "  " + s.Faint(e.Note)
	}
	return text
}
