package host

import (
	"context"
	"fmt"
)

// Network is a network management code: field 70. ISO 8583:1987, 4.3.
type Network uint16

// The codes.
const (
	NetworkSignOn  Network = 1
	NetworkSignOff Network = 2
	NetworkNewKey  Network = 101
	NetworkEcho    Network = 301
)

const fieldNewKey = 96

// Network sends a network management message (0800). An answer that is not an approval gives CodeRefused with the answer;
// other errors are those of Authorise.
func (c *Client) Network(ctx context.Context, t Trace, code Network) (*Answer, error) {
	m, err := c.dialect.begin(OpNetwork, false, c.own)
	if err != nil {
		return nil, err
	}
	if err := t.set(c.dialect, m); err != nil {
		return nil, err
	}
	c.dialect.put(m, fieldNetwork, fmt.Sprintf("%03d", code))
	a, err := c.exchange(ctx, m)
	if err != nil {
		return nil, err
	}
	if a.Action != Approve {
		return a, &Error{Code: CodeRefused, Sent: true, Text: "answer " + printable(a.Code)}
	}
	return a, nil
}

// Echo asks whether the host is there, and has the terminal's key: "ready" is an answer.
func (c *Client) Echo(ctx context.Context, t Trace) error {
	_, err := c.Network(ctx, t, NetworkEcho)
	return err
}

// SignOn tells the host that the terminal begins, SignOff that it ends.
func (c *Client) SignOn(ctx context.Context, t Trace) error {
	_, err := c.Network(ctx, t, NetworkSignOn)
	return err
}

// SignOff tells the host that the terminal ends.
func (c *Client) SignOff(ctx context.Context, t Trace) error {
	_, err := c.Network(ctx, t, NetworkSignOff)
	return err
}

// NewKey asks for a new initial key, and returns its key block of ANSI X9.143 (field 96), wrapped under the DUKPT update key
// of the one in use (ANSI X9.24-3, 6.5). Whoever holds the keys imports it. The error is CodeMissing where there is none,
// or those of Network.
func (c *Client) NewKey(ctx context.Context, t Trace) ([]byte, error) {
	a, err := c.Network(ctx, t, NetworkNewKey)
	if err != nil {
		return nil, err
	}
	block := a.Message.Get(fieldNewKey)
	if block == nil {
		return nil, &Error{Code: CodeMissing, Field: fieldNewKey, Sent: true}
	}
	return block, nil
}

// printable returns a code of a host as it may be shown.
func printable(s string) string {
	for i := range len(s) {
		if !isDigit(s[i]) && !isLetter(s[i]) {
			return "that is no code"
		}
	}
	return s
}
