package iso

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// FaultKind is how the server misbehaves.
type FaultKind string

// The kinds.
const (
	Delay   FaultKind = "delay"   // answer later: Delay
	Lose    FaultKind = "lose"    // the request never comes
	Drop    FaultKind = "drop"    // the request is processed, the answer is lost
	Double  FaultKind = "double"  // answer twice
	Mangle  FaultKind = "mangle"  // answer with bits changed in the middle
	Reorder FaultKind = "reorder" // hold the answer back until the next one is sent
	Decline FaultKind = "decline" // do nothing, and answer with Code, 05 where it is empty
	MAC     FaultKind = "mac"     // answer with a wrong MAC
	Cut     FaultKind = "cut"     // close in the middle of the answer
	Stray   FaultKind = "stray"   // send an answer of another request first
	Wrong   FaultKind = "wrong"   // answer with another amount or RRN than the request has, and a good MAC
)

var faultKinds = []FaultKind{Delay, Lose, Drop, Double, Mangle, Reorder, Decline, MAC, Cut, Stray, Wrong}

// Fault is one misbehaviour.
type Fault struct {
	Kind  FaultKind
	MTI   string        // what the request's message type begins with; empty is all
	Times int           // how many requests it is for; 0 is every one
	Delay time.Duration // of Delay
	Code  string        // of Decline
}

// ErrFault is a text that is no fault.
var ErrFault = errors.New("iso.fault: write KIND[=ARGUMENT][@MTI][*TIMES], as in delay=2s@0200*3; *0 is for ever")

// ParseFault reads KIND[=ARGUMENT][@MTI][*TIMES]. Without TIMES it happens once. The argument of delay is a duration, that
// of decline a response code.
func ParseFault(text string) (Fault, error) {
	f := Fault{Times: 1}
	rest, times, given := strings.Cut(text, "*")
	if given {
		n, err := strconv.Atoi(times)
		if err != nil || n < 0 {
			return Fault{}, ErrFault
		}
		f.Times = n
	}
	rest, f.MTI, given = strings.Cut(rest, "@")
	if _, ok := digits(f.MTI); given && (!ok || len(f.MTI) > 4) {
		return Fault{}, ErrFault
	}
	kind, argument, given := strings.Cut(rest, "=")
	f.Kind = FaultKind(kind)
	var err error
	switch {
	case f.Kind == Delay:
		if f.Delay, err = time.ParseDuration(argument); err != nil || f.Delay < 0 {
			return Fault{}, ErrFault
		}
	case f.Kind == Decline:
		if f.Code = argument; given && len(argument) != 2 {
			return Fault{}, ErrFault
		}
	case given:
		return Fault{}, ErrFault
	}
	for _, k := range faultKinds {
		if k == f.Kind {
			return f, nil
		}
	}
	return Fault{}, ErrFault
}

// Misbehave adds faults to those that wait.
func (s *Server) Misbehave(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, &f)
	}
}

// Behave forgets all faults.
func (s *Server) Behave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// due takes the faults that a request meets, the first of each kind.
func (s *Server) due(mti string) map[FaultKind]Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	met := map[FaultKind]Fault{}
	left := s.faults[:0]
	for _, f := range s.faults {
		_, already := met[f.Kind]
		if already || !strings.HasPrefix(mti, f.MTI) {
			left = append(left, f)
			continue
		}
		met[f.Kind] = *f
		if f.Times != 1 {
			f.Times = max(f.Times-1, 0)
			left = append(left, f)
		}
	}
	s.faults = left
	return met
}

// ParseFaults reads faults, one a line; empty lines are nothing.
func ParseFaults(text string) ([]Fault, error) {
	var faults []Fault
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		f, err := ParseFault(line)
		if err != nil {
			return nil, err
		}
		faults = append(faults, f)
	}
	return faults, nil
}
