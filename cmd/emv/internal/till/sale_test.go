package till_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cardwright/emv/cmd/emv/internal/till"
)

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func restore(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Sums by hand: what a person with paper gets.
func TestSums(t *testing.T) {
	for country, c := range map[string]struct {
		discount int64
		want     till.Sums
	}{
		// 17 × 1.00 = 17.00
		"GB": {0, till.Sums{Subtotal: 1700, Tax: 283, Total: 1700}},                 // 20 % contained: 17.00 / 6 = 2.833
		"IE": {0, till.Sums{Subtotal: 1700, Tax: 202, Total: 1700}},                 // 13.5 %: 17.00 × 13.5 / 113.5 = 2.022
		"AU": {10, till.Sums{Subtotal: 1700, Discount: 170, Tax: 139, Total: 1530}}, // 10 %: 15.30 / 11 = 1.3909
		"CA": {0, till.Sums{Subtotal: 1700, Tax: 221, Total: 1921}},                 // 13 % on top
		"US": {5, till.Sums{Subtotal: 1700, Discount: 85, Tax: 143, Total: 1758}},   // 8.875 % of 16.15 = 1.4333
	} {
		o := options(t, t.TempDir())
		o.Country = country
		r, stop := start(t, o)
		if err := r.AddAmount("One", 100); err != nil {
			t.Fatal(err)
		}
		if err := r.Quantity("l1", 17); err != nil {
			t.Fatal(err)
		}
		if err := r.Discount(c.discount); err != nil {
			t.Fatal(err)
		}
		if got := r.View().Sale.Sums; got != c.want {
			t.Errorf("%s: %+v, want %+v", country, got, c.want)
		}
		stop()
	}
}
