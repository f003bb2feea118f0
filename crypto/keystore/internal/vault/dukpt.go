package vault

import (
	"encoding/binary"
	"errors"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

// The payload of a DUKPT record: the value of the guard's counter that it belongs to, 8 bytes big-endian (0 where there
// is no counter), and the terminal's state.
const counterLen = 8

var deriving = keystore.Use{Usage: keyblock.UsageInitialKey, Operation: keyblock.OpDerive}

// importDUKPT makes a DUKPT state of the initial key in the scratch.
func (v *Vault) importDUKPT(label string, h *keyblock.Header) (keystore.Info, error) {
	if err := deriving.Permit(label, h); err != nil {
		return keystore.Info{}, err
	}
	check, err := checkValue(label, h.Algorithm, v.scratch.key.Bytes())
	if err != nil {
		return keystore.Info{}, err
	}
	payload, ksn, err := v.loadInitial(label, h)
	if err != nil {
		return keystore.Info{}, err
	}
	p := v.describe(label, keystore.KindDUKPT, *h, 8*v.scratch.key.Len())
	p.Check, p.KSN = check, ksn
	counters, counted := v.guard.(Counters)
	if !counted {
		return v.create(p, payload)
	}
	// A crash behind this line leaves a counter that no record names; wiping the store removes it.
	index, value, err := counters.NewCounter()
	if err != nil {
		return keystore.Info{}, err
	}
	p.Counter = index
	binary.BigEndian.PutUint64(payload, value)
	info, err := v.create(p, payload)
	if err != nil {
		return info, errors.Join(err, counters.DropCounter(index))
	}
	return info, nil
}

// loadInitial derives the first state of a terminal from the initial key in the scratch.
func (v *Vault) loadInitial(label string, h *keyblock.Header) (state, ksn []byte, err error) {
	var initial dukpt.Key
	defer initial.Wipe()
	if err := dukpt.SetKey(&initial, v.scratch.key.Bytes()); err != nil {
		return nil, nil, &keystore.Error{Code: keystore.CodeLength, Label: label, Err: err}
	}
	noSerial := func(err error) error { return &keystore.Error{Code: keystore.CodeSerial, Label: label, Err: err} }
	dst := v.scratch.plain[:counterLen]
	if h.Algorithm == keyblock.AlgorithmTDES {
		b, err := h.KeySet()
		if err != nil {
			return nil, nil, noSerial(err)
		}
		serial, err := dukpt.ParseTDESKSN(b)
		if err != nil {
			return nil, nil, noSerial(err)
		}
		serial = serial.Initial()
		if err := v.scratch.tdes.Load(&initial, serial); err != nil {
			return nil, nil, &keystore.Error{Code: keystore.CodeLength, Label: label, Err: err}
		}
		state, err = v.scratch.tdes.AppendBinary(dst)
		return state, serial[:], err
	}
	id, err := h.InitialKeyID()
	if err != nil {
		return nil, nil, noSerial(err)
	}
	if err := v.scratch.aes.Load(&initial, id); err != nil {
		return nil, nil, &keystore.Error{Code: keystore.CodeLength, Label: label, Err: err}
	}
	state, err = v.scratch.aes.AppendBinary(dst)
	return state, id[:], err
}

// NextTDES steps a TDES DUKPT key.
func (v *Vault) NextTDES(dst *dukpt.TDESTransaction, label string) error {
	dst.Wipe()
	err := v.step(label, keyblock.AlgorithmTDES, func(after, state []byte) ([]byte, error) {
		t := &v.scratch.tdes
		if err := t.UnmarshalBinary(state); err != nil {
			return nil, tampered(label)
		}
		if err := t.Next(dst); err != nil {
			return nil, err
		}
		return t.AppendBinary(after)
	})
	if err != nil {
		dst.Wipe()
	}
	return err
}

// NextAES steps an AES DUKPT key.
func (v *Vault) NextAES(dst *dukpt.AESTransaction, label string) error {
	dst.Wipe()
	err := v.step(label, keyblock.AlgorithmAES, func(after, state []byte) ([]byte, error) {
		t := &v.scratch.aes
		if err := t.UnmarshalBinary(state); err != nil {
			return nil, tampered(label)
		}
		if err := t.Next(dst); err != nil {
			return nil, err
		}
		return t.AppendBinary(after)
	})
	if err != nil {
		dst.Wipe()
	}
	return err
}

// step moves a DUKPT state on, in the order that the documentation of package keystore gives. next derives from a state
// what is handed out, and appends the state that follows.
func (v *Vault) step(label string, a keyblock.Algorithm, next func(after, state []byte) ([]byte, error)) error {
	return v.change(func() error {
		r, payload, err := v.find(label, keystore.KindDUKPT, deriving)
		if err != nil {
			return err
		}
		if of := r.public.Algorithm; of != a {
			return &keystore.Error{Code: keystore.CodeAlgorithm, Label: label, Text: "it is of algorithm " + of.String()}
		}
		if len(payload) < counterLen {
			return tampered(label)
		}
		value, err := v.current(r, binary.BigEndian.Uint64(payload))
		if err != nil {
			return err
		}
		after, err := next(v.scratch.after[:counterLen], payload[counterLen:])
		if err != nil {
			return stepError(label, err)
		}
		if r.public.Counter == 0 {
			return v.write(r, after)
		}
		binary.BigEndian.PutUint64(after, value+1)
		if err := v.write(r, after); err != nil {
			return err
		}
		return v.guard.(Counters).Increment(r.public.Counter)
	})
}

// current checks that a state is the newest: its value is the counter's, or one more, of a step that was written and not
// counted. Such a one is counted now. It returns the counter's value, 0 where there is none.
func (v *Vault) current(r *record, value uint64) (uint64, error) {
	if r.public.Counter == 0 {
		return 0, nil
	}
	counters, ok := v.guard.(Counters)
	if !ok {
		return 0, tampered(r.public.Label)
	}
	count, err := counters.Count(r.public.Counter)
	if err != nil {
		return 0, err
	}
	switch value {
	case count:
		return value, nil
	case count + 1:
		return value, counters.Increment(r.public.Counter)
	}
	return 0, &keystore.Error{
		Code: keystore.CodeRolledBack, Label: r.public.Label, Text: "the state is older than the counter of the hardware",
	}
}

func stepError(label string, err error) error {
	var own *keystore.Error
	if errors.As(err, &own) {
		return err
	}
	code := keystore.CodeTampered
	if errors.Is(err, &dukpt.Error{Code: dukpt.CodeExhausted}) {
		code = keystore.CodeExhausted
	} else if errors.Is(err, &dukpt.Error{Code: dukpt.CodeCipher}) {
		code = keystore.CodeAlgorithm
	}
	return &keystore.Error{Code: code, Label: label, Err: err}
}
