package kerneltest

import (
	"errors"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// ConfigFaults returns the codes of what is wrong with a combination when it is all that a terminal has; nil for nothing.
func ConfigFaults(t testing.TB, k contactless.Kernel, c contactless.Combination) []string {
	t.Helper()
	config := contactless.Config{Combinations: []contactless.Combination{c}}
	_, err := contactless.New(config, kernel.Env{Clock: Today, Rand: Repeat{}}, k)
	var faults *kernel.ConfigError
	if err != nil && !errors.As(err, &faults) {
		t.Fatal(err)
	}
	if faults == nil {
		return nil
	}
	var codes []string
	for _, f := range faults.Faults {
		codes = append(codes, f.Code)
	}
	return codes
}
