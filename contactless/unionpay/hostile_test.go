package unionpay_test

import "testing"

func FuzzHostileCard(f *testing.F) {
	bench.Hostile(f, []string{
		"unionpay-offline", "unionpay-credit", "unionpay-minimal", "unionpay-cash", "unionpay-purse", "unionpay-sm", "unionpay-phone",
		"unionpay-phone-offline", "unionpay-common-debit", "unionpay-switch", "unionpay-declines",
	})
}

func FuzzAlteredTap(f *testing.F) { bench.Altered(f, "unionpay-offline") }

// TestDriverErrorsAreErrors: two selections, options, five records, balance.
func TestDriverErrorsAreErrors(t *testing.T) { bench.DriverErrors(t, "unionpay-purse") }
