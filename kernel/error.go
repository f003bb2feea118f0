package kernel

import (
	"errors"
	"strings"
)

// Error is an error with a stable code: "card.removed", "config.invalid".
type Error struct {
	Code string
	Text string // what it means, without data
}

func (e *Error) Error() string { return e.Code + ": " + e.Text }

// ErrorCode returns the stable code.
func (e *Error) ErrorCode() string { return e.Code }

// What a driver reports when a card gives no answer.
var (
	ErrRemoved      = &Error{"card.removed", "the card left the reader"}
	ErrTimeout      = &Error{"card.timeout", "the card did not answer in time"}
	ErrTransmission = &Error{"card.transmission", "the answer was garbled on its way"}
	ErrProtocol     = &Error{"card.protocol", "the answer broke the transmission protocol"}
	ErrCollision    = &Error{"card.collision", "more than one card in the field"}
)

// IsCardError reports whether err is one of those that a Card may return for an exchange that failed.
func IsCardError(err error) bool {
	for _, e := range []*Error{ErrRemoved, ErrTimeout, ErrTransmission, ErrProtocol, ErrCollision} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Coder is any error with a stable code.
type Coder interface {
	error
	ErrorCode() string
}

// CodeOf returns the stable code of err or of the first error it wraps that has one, and "" for an error without.
func CodeOf(err error) string {
	var c Coder
	if errors.As(err, &c) {
		return c.ErrorCode()
	}
	return ""
}

// Fault is one thing wrong with a configuration.
type Fault struct {
	Path string // where: "applications[2].ttq"
	Code string // stable: "config.aid_length"
	Text string // what is wrong
}

// ConfigError lists everything that is wrong with a configuration, not only the first thing.
type ConfigError struct{ Faults []Fault }

func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("config.invalid")
	for _, f := range e.Faults {
		b.WriteString("\n  " + f.Path + ": " + f.Code + ": " + f.Text)
	}
	return b.String()
}

// ErrorCode returns the code of the fault when there is just one, and "config.invalid" when there are several.
func (e *ConfigError) ErrorCode() string {
	if len(e.Faults) == 1 {
		return e.Faults[0].Code
	}
	return "config.invalid"
}
