package demo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/display"
)

// maxPage bounds what is read of the display's page.
const maxPage = 1 << 20

var tokenOf = regexp.MustCompile(`name="token" content="([^"]+)"`)

// touch presses something on the display, as its page does: terminal/display/README.md.
func touch(ctx context.Context, page string, a display.Action) error {
	at, err := url.Parse(page)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page, http.NoBody)
	if err != nil {
		return err
	}
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	html, err := io.ReadAll(io.LimitReader(got.Body, maxPage))
	if err != nil {
		return err
	}
	token := tokenOf.FindSubmatch(html)
	if token == nil {
		return errors.New("demo: the display's page has no token")
	}
	socket := at.JoinPath("socket")
	socket.RawQuery = url.Values{"token": {string(token[1])}}.Encode()
	c, _, err := websocket.Dial(ctx, socket.String(), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"http://" + at.Host}}})
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(maxPage)
	if _, _, err := c.Read(ctx); err != nil { // the state
		return err
	}
	b, err := json.Marshal(map[string]any{"action": a})
	if err != nil {
		return err
	}
	if err := c.Write(ctx, websocket.MessageText, b); err != nil {
		return err
	}
	return c.Close(websocket.StatusNormalClosure, "")
}
