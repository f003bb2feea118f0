package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/kernel"
)

func posServeCommand() *cobra.Command {
	var f posFlags
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Show the till as a page",
		Long: `serve shows the till as a page for a browser on this machine: products, a cart that
the customer sees on the terminal, checkout, past payments, and the way to a new
terminal.

The page is for this machine alone. Payments that were under way when the till was
closed are followed to their end.

Exit status: 0 when it was interrupted; 2 the command line is wrong, the folder is
in use, or it can't listen.`,
		Example: `  emv pos serve
  emv pos serve --listen 127.0.0.1:0 --state till-2 --name 'Till 2'`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := netip.ParseAddrPort(listen)
			if err != nil || !at.Addr().IsLoopback() {
				return usage("--listen is an address of this machine with a port, as 127.0.0.1:8090")
			}
			return f.with(cmd, func(_ context.Context, t *till.Till) error { return servePage(cmd, t, listen) })
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8090", "ADDRESS:PORT of the page; port 0 takes a free one")
	return cmd
}

func servePage(cmd *cobra.Command, t *till.Till, listen string) error {
	s, err := till.NewServer(t)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	l, err := listenAt(ctx, listen)
	if err != nil {
		return err
	}
	out := &lines{to: cmd.OutOrStdout()}
	out.print("till at http://" + l.Addr().String() + "/")
	web := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }, // sockets end with it
	}
	stop := context.AfterFunc(ctx, func() { _ = web.Close() })
	defer stop()
	if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return &kernel.Error{Code: "input.listen", Text: err.Error()}
	}
	return nil
}
