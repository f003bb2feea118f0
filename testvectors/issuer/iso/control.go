package iso

import (
	"encoding/json"
	"io"
	"net/http"
)

// Control is the HTTP side of a server, for tests and people beside it:
//
//	GET    /ledger    all entries, as JSON
//	GET    /charged   ?currency=826: {"amount":…,"entries":…} of what cardholders were charged
//	POST   /faults    a fault as ParseFault reads it, one a line
//	DELETE /faults    behave again
//
// It is without any protection, and for loopback.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ledger", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Ledger()) })
	mux.HandleFunc("GET /charged", func(w http.ResponseWriter, r *http.Request) {
		amount, entries := s.Charged(r.URL.Query().Get("currency"))
		writeJSON(w, map[string]int64{"amount": amount, "entries": int64(entries)})
	})
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
		if err != nil {
			http.Error(w, "too long", http.StatusRequestEntityTooLarge)
			return
		}
		faults, err := ParseFaults(string(text))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Misbehave(faults...)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Behave()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
