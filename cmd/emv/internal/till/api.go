package till

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/cardwright/emv/terminal/localpage"
	"github.com/cardwright/emv/terminal/wire"
)

// answerTime bounds what waits for a terminal or for a pairing.
const answerTime = 20 * time.Second

const maxBody = 64 << 10

// routes are what the page asks for and what its buttons do: GET /api/... reads, POST /api/... changes. All take the
// page's token in the header X-Till-Token; a POST also takes its Origin. A refusal is {"error": …} with the members of
// wire.Error and status 409; one of the request itself has 400.
func (s *Server) routes(mux *http.ServeMux) {
	t := s.till
	get := func(path string, f func(r *http.Request) (any, error)) {
		mux.HandleFunc("GET /api/"+path, s.guard(false, func(w http.ResponseWriter, r *http.Request) {
			v, err := f(r)
			answer(w, v, err)
		}))
	}
	get("view", func(*http.Request) (any, error) { return t.View(), nil })
	get("payments", func(*http.Request) (any, error) { return t.Payments(), nil })
	get("catalogue", func(*http.Request) (any, error) { return t.catalogue.Products, nil })
	get("steps", func(*http.Request) (any, error) { return Steps() })
	get("texts", func(r *http.Request) (any, error) { return words(r.URL.Query().Get("lang")) })

	post(s, mux, "cart/add", func(_ context.Context, b struct{ Product string }) (any, error) { return nil, t.Add(b.Product) })
	post(s, mux, "cart/amount", func(_ context.Context, b struct {
		Name   string
		Amount int64
	},
	) (any, error) {
		return nil, t.AddAmount(b.Name, b.Amount)
	})
	post(s, mux, "cart/quantity", func(_ context.Context, b struct {
		Line string
		Qty  int64
	},
	) (any, error) {
		return nil, t.Quantity(b.Line, b.Qty)
	})
	post(s, mux, "cart/discount", func(_ context.Context, b struct{ Percent int64 }) (any, error) { return nil, t.Discount(b.Percent) })
	post(s, mux, "cart/clear", func(context.Context, struct{}) (any, error) { return nil, t.Clear() })

	post(s, mux, "checkout", func(_ context.Context, b Checkout) (any, error) { return t.Checkout(b) })
	post(s, mux, "cancel", func(ctx context.Context, _ struct{}) (any, error) {
		result, err := t.Cancel(ctx, "cashier")
		return map[string]string{"result": result}, err
	})
	post(s, mux, "tender", func(ctx context.Context, b struct{ Order, Tender string }) (any, error) {
		return t.Tender(ctx, b.Order, b.Tender)
	})
	post(s, mux, "leave", func(context.Context, struct{}) (any, error) { return nil, t.Leave() })
	post(s, mux, "dismiss", func(context.Context, struct{}) (any, error) {
		t.Dismiss()
		return nil, nil
	})
	post(s, mux, "later", func(_ context.Context, b Later) (any, error) { return t.Later(b) })
	post(s, mux, "ask", func(ctx context.Context, b struct{ ID string }) (any, error) { return t.Ask(ctx, b.ID) })

	post(s, mux, "terminal/choose", func(_ context.Context, b struct{ ID string }) (any, error) { return nil, t.Choose(b.ID) })
	post(s, mux, "terminal/default", func(_ context.Context, b struct{ ID string }) (any, error) { return nil, t.SetDefault(b.ID) })
	post(s, mux, "terminal/forget", func(_ context.Context, b struct{ ID string }) (any, error) { return nil, t.Forget(b.ID) })
	post(s, mux, "terminal/lease", func(ctx context.Context, b struct {
		ID             string
		TakeOver, Give bool
	},
	) (any, error) {
		return nil, t.Lease(ctx, b.ID, b.TakeOver, b.Give)
	})

	post(s, mux, "pair", func(ctx context.Context, b struct{ Text string }) (any, error) {
		_, err := t.Pair(ctx, b.Text)
		return nil, err
	})
	post(s, mux, "pair/code", func(ctx context.Context, b struct{ Address, Code string }) (any, error) {
		_, err := t.PairCode(ctx, b.Address, b.Code)
		return nil, err
	})
	post(s, mux, "pair/done", func(context.Context, struct{}) (any, error) {
		t.PairingDone()
		return nil, nil
	})
	mux.HandleFunc("POST /api/pair/picture", s.guard(true, s.pairPicture))
}

// pairPicture pairs with the terminal whose code is in the picture that is the body.
func (s *Server) pairPicture(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPicture))
	if err != nil {
		answer(w, nil, wire.Refuse(wire.CodeTooLarge, "a picture of more than %d bytes", maxPicture))
		return
	}
	code, err := ReadPicture(b)
	if err != nil {
		var e *wire.Error
		if errors.As(err, &e) {
			s.till.refusePicture(e)
		}
		answer(w, nil, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	_, err = s.till.Pair(ctx, code)
	answer(w, nil, err)
}

// guard lets requests through that have the token, and, if they change something, come from the page.
func (s *Server) guard(changes bool, f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.holds(r.Header.Get("X-Till-Token")) || changes && !localpage.SameOrigin(r) {
			http.Error(w, "not a page of this till", http.StatusForbidden)
			return
		}
		f(w, r)
	}
}

// post adds a route that reads JSON.
func post[B any](s *Server, mux *http.ServeMux, path string, f func(context.Context, B) (any, error)) {
	mux.HandleFunc("POST /api/"+path, s.guard(true, func(w http.ResponseWriter, r *http.Request) {
		var b B
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		if err := d.Decode(&b); err != nil {
			write(w, http.StatusBadRequest, map[string]any{"error": wire.Refuse("E_REQUEST", "the body is not as it must be")})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), answerTime)
		defer cancel()
		v, err := f(ctx, b)
		answer(w, v, err)
	}))
}

func answer(w http.ResponseWriter, v any, err error) {
	if err == nil {
		if v == nil {
			v = struct{}{}
		}
		write(w, http.StatusOK, v)
		return
	}
	var e *wire.Error
	if !errors.As(err, &e) {
		e = wire.Refuse(wire.CodeInternal, "%v", err)
	}
	write(w, http.StatusConflict, map[string]any{"error": e})
}

func write(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer can't be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
