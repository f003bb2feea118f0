package capture

import (
	"fmt"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/contactless/discover"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/contactless/unionpay"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/risk"
)

// options writes the options of a combination's kernel into its application a, and returns those that the format has no key
// for.
func options(a map[string]any, c *contactless.Combination) (left []string) {
	given := map[string]any{}
	switches := func(list map[string]bool) {
		for key, on := range list {
			if on {
				given[key] = true
			}
		}
	}
	switch o := c.Options.(type) {
	case nil:
	case *visa.Options:
		switches(map[string]bool{
			"check_cash": o.CheckCash, "check_cashback": o.CheckCashback, "check_atm": o.CheckATM, "show_balance": o.ShowBalance,
		})
		var sets []any
		for i := range o.Limits {
			sets = append(sets, limitSet(o.Limits[i].ProgramID, &o.Limits[i].Limits))
		}
		if sets != nil {
			a["drl"] = sets
		}
	case *mastercard.Options:
		if o.Exchange != nil {
			left = append(left, "data exchange")
		}
		if o.Backoff != nil {
			left = append(left, "the back-off of mag-stripe mode")
		}
	case *amex.Options:
		switches(map[string]bool{"delayed_authorisation": o.Delayed, "stop_at_failed_cvm": o.StopAtFailure})
		codes(a, &o.TAC)
		if o.UNRange != nil {
			given["un_range"] = decimal(uint64(*o.UNRange))
		}
		span(given, "see_phone_ms", o.SeePhone)
		if o.Limits != nil {
			sets := []any{limitSet(nil, &o.Limits.Default)}
			for i, l := range o.Limits.Sets {
				if l != nil {
					sets = append(sets, limitSet([]byte{byte(i)}, l))
				}
			}
			a["drl"] = sets
		}
	case *jcb.Options:
		switches(map[string]bool{"show_balance": o.ShowBalance})
		kernelLimits(given, o.Limit, o.LimitOnDevice)
		codes(a, &o.TAC)
		selection(a, &o.Selection)
		if o.Combination != nil {
			given["combination_options"] = upper(o.Combination[:])
		}
		if o.Torn == nil {
			given["torn_records"] = "0"
		}
		span(given, "torn_lifetime_ms", o.TornLifetime)
		span(given, "message_hold_ms", o.MessageHold)
		span(given, "removal_timeout_ms", o.RemovalTimeout)
	case *discover.Options:
		switches(map[string]bool{"pid_limit": o.PIDLimit, "show_balance": o.ShowBalance})
	case *unionpay.Options:
		switches(map[string]bool{
			"no_cvm_below_limit": o.NoCVMBelowLimit, "cashback_needs_cvm": o.CashbackNeedsCVM,
			"fdda_version_00": o.AcceptVersion00, "show_balance": o.ShowBalance, "read_balance": o.ReadBalance,
		})
	case *interac.Options:
		switches(map[string]bool{
			"cda_with_arqc": o.CDAWithARQC, "legacy_floor": o.LegacyFloor,
			"refuse_cards": o.RefuseCards, "refuse_devices": o.RefuseDevices,
		})
		kernelLimits(given, o.Limit, o.LimitOnDevice)
		codes(a, &o.TAC)
		selection(a, &o.Selection)
		if o.Retries > 0 {
			given["retries"] = decimal(uint64(o.Retries))
		}
		for key, v := range map[string][]byte{"capabilities_cvm": o.CapabilitiesCVM, "capabilities_no_cvm": o.CapabilitiesNoCVM} {
			if v != nil {
				given[key] = upper(v)
			}
		}
		if o.Log != nil {
			left = append(left, "the log of earlier transactions")
		}
	default:
		left = append(left, fmt.Sprintf("options of type %T", o))
	}
	if len(given) > 0 {
		a["options"] = given
	}
	return left
}

// kernelLimits are the limits that a kernel tests itself: apart from the entry point's, which may be absent.
func kernelLimits(given map[string]any, limit, onDevice *uint64) {
	for key, v := range map[string]*uint64{"limit": limit, "limit_on_device": onDevice} {
		if v != nil {
			given[key] = decimal(*v)
		}
	}
}

func limitSet(id []byte, l *contactless.Limits) map[string]any {
	set := map[string]any{}
	if id != nil {
		set["program_id"] = upper(id)
	}
	limits(set, l)
	return set
}

func codes(a map[string]any, c *action.Codes) {
	for key, v := range map[string][]byte{"tac_denial": c.Denial, "tac_online": c.Online, "tac_default": c.Default} {
		if v != nil {
			a[key] = upper(v)
		}
	}
}

func selection(a map[string]any, s *risk.Selection) {
	for key, v := range map[string]uint64{
		"threshold": s.Threshold, "target_percentage": uint64(s.Target), "max_target_percentage": uint64(s.MaxTarget),
	} {
		if v > 0 {
			a[key] = decimal(v)
		}
	}
}

// span writes a time that is not the default.
func span(given map[string]any, key string, d time.Duration) {
	if d != 0 {
		given[key] = decimal(uint64(d.Milliseconds()))
	}
}
