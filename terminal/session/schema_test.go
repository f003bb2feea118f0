package session_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/session"
	"github.com/cardwright/emv/terminal/wire"
)

// carried is a frame type with what its body is.
type carried struct {
	kind wire.Type
	body wire.Body
}

func bodies() []carried {
	return []carried{
		{wire.TypeHello, &wire.Hello{}},
		{wire.TypeWelcome, &wire.Welcome{}},
		{wire.TypeHeartbeat, &wire.Heartbeat{}},
		{wire.TypeError, &wire.Error{}},
		{wire.TypeAddrUpdate, &wire.AddrUpdate{}},
		{wire.TypeSessionMove, &wire.SessionMove{}},
		{wire.TypeLeaseAsk, &wire.LeaseAsk{}},
		{wire.TypeLeaseGive, &wire.LeaseGive{}},
		{wire.TypeLease, &wire.Lease{}},
		{wire.TypeStatusAsk, &wire.StatusAsk{}},
		{wire.TypeStatus, &wire.Status{}},
		{wire.TypeCartSet, &wire.CartSet{}},
		{wire.TypeCartPatch, &wire.CartPatch{}},
		{wire.TypeCartResync, &wire.CartResync{}},
		{wire.TypeCartShown, &wire.CartShown{}},
		{wire.TypePay, &wire.PaymentRequest{}},
		{wire.TypePayAccepted, &wire.PaymentAccepted{}},
		{wire.TypePayEvent, &wire.PaymentEvent{}},
		{wire.TypePayCancel, &wire.PaymentCancel{}},
		{wire.TypeCancelled, &wire.CancelResult{}},
		{wire.TypePayStatus, &wire.PaymentStatus{}},
		{wire.TypePayState, &wire.PaymentState{}},
		{wire.TypeFinal, &wire.Final{}},
		{wire.TypePayAck, &wire.PaymentAck{}},
		{wire.TypePayLate, &wire.PaymentLate{}},
		{wire.TypePayNoted, &wire.PaymentNoted{}},
	}
}

// definition is an object of the schema.
type definition struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	AllOf      []struct {
		If struct {
			Properties struct {
				Type struct {
					Const wire.Type `json:"const"`
				} `json:"type"`
			} `json:"properties"`
		} `json:"if"`
		Then struct {
			Properties struct {
				Body struct {
					Ref string `json:"$ref"`
				} `json:"body"`
			} `json:"properties"`
		} `json:"then"`
	} `json:"allOf"`
}

// The schema that others read and the types that this program reads have the same members, and need the same ones.
func TestSchema(t *testing.T) {
	var schema struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(session.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var compare func(reflect.Type)
	compare = func(x reflect.Type) {
		for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice {
			x = x.Elem()
		}
		if x.Kind() != reflect.Struct || x == reflect.TypeFor[wire.Version]() || seen[x.Name()] {
			return
		}
		seen[x.Name()] = true
		var d definition
		if err := json.Unmarshal(schema.Defs[x.Name()], &d); err != nil {
			t.Errorf("%s: %v", x.Name(), err)
			return
		}
		var names []string
		for i := range x.NumField() {
			name, options, _ := strings.Cut(x.Field(i).Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			names = append(names, name)
			if d.Properties[name] == nil {
				t.Errorf("%s: the schema lacks %s", x.Name(), name)
			}
			if needed := !strings.Contains(options, "omitempty"); needed != slices.Contains(d.Required, name) {
				t.Errorf("%s: %s is needed: %v in the program only", x.Name(), name, needed)
			}
			compare(x.Field(i).Type)
		}
		for name := range d.Properties {
			if !slices.Contains(names, name) {
				t.Errorf("%s: the program lacks %s", x.Name(), name)
			}
		}
	}
	var frame definition
	if err := json.Unmarshal(schema.Defs["Frame"], &frame); err != nil {
		t.Fatal(err)
	}
	refs := map[wire.Type]string{}
	for _, c := range frame.AllOf {
		refs[c.If.Properties.Type.Const] = c.Then.Properties.Body.Ref
	}
	compare(reflect.TypeFor[wire.Frame]())
	compare(reflect.TypeFor[wire.PairHello]())
	compare(reflect.TypeFor[wire.PairAnswer]())
	compare(reflect.TypeFor[wire.PairStart]())
	compare(reflect.TypeFor[wire.PairShareAnswer]())
	compare(reflect.TypeFor[wire.PairConfirm]())
	var kinds []wire.Type
	for _, b := range bodies() {
		x := reflect.TypeOf(b.body).Elem()
		compare(x)
		kinds = append(kinds, b.kind)
		if refs[b.kind] != "#/$defs/"+x.Name() {
			t.Errorf("%s carries %q", b.kind, refs[b.kind])
		}
	}
	if !slices.Equal(kinds, wire.Types()) || len(refs) != len(kinds) {
		t.Errorf("the frame types are %v", wire.Types())
	}
}
