package runner

import (
	"bytes"
	"context"
	"errors"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

func runSDA(_ context.Context, t *job) (map[string]any, error) {
	return t.authenticate(oda.MethodSDA, func(in oda.Input) (oda.Result, error) {
		return oda.SDA(in, cert.FormatSSAD), nil
	})
}

// runDDA is DDA. The signature is in given.data; where it is not, and there is a card, the card is asked for it.
func runDDA(ctx context.Context, t *job) (map[string]any, error) {
	var card *replay.Card
	got, err := t.authenticate(oda.MethodDDA, func(in oda.Input) (oda.Result, error) {
		ddol := t.ddol(in.Data)
		if _, err := tlv.DOLDataLen(ddol); err != nil || !tlv.DOLHas(ddol, tagUN) {
			return oda.Result{Why: errDDOL}, nil
		}
		signed, err := t.dynamicData(in.Data, func() ([]byte, error) {
			return tlv.AppendDOLData(nil, ddol, in.Data)
		})
		if err == nil && t.Given.Cards != nil && !in.Data.Has(0x9F4B) {
			card, err = t.askSignature(ctx, in, signed[0])
		}
		if err != nil {
			return oda.Result{}, err
		}
		return oda.DDA(in, cert.FormatSDAD, signed), nil
	})
	if got != nil && card != nil {
		got["commands"] = commandsOf(card.Commands())
	}
	return got, err
}

// askSignature sends INTERNAL AUTHENTICATE (Book 3, 6.5.9) and stores the signature of an answer in format 1 or 2. Any other
// answer leaves the store without one.
func (t *job) askSignature(ctx context.Context, in oda.Input, data []byte) (*replay.Card, error) {
	clock := replay.NewClock(t.Given.Transaction.when())
	taps, err := t.present(t.Given.Cards, clock)
	if err != nil {
		return nil, err
	}
	card := replay.NewCard(clock, taps...)
	var link kernel.Link
	link.Open(in.Env, card)
	defer link.Close()
	answer, err := link.Send(ctx, apdu.AppendCommand(link.Buffer(), 0x00, apdu.InsInternalAuthenticate, 0x00, 0x00, data))
	if err != nil || answer.SW != apdu.OK {
		return card, err
	}
	template, value, _ := apdu.Single(answer.Data)
	if template == 0x77 {
		value, _ = tlv.Find(value, 0x9F4B)
	}
	if template != 0x80 && template != 0x77 || len(value) == 0 {
		return card, nil
	}
	return card, in.Data.Set(0x9F4B, value)
}

// errDDOL is a DDOL by which a card is not asked for a signature (Book 3, 10.3). The code is that of contact.
var errDDOL = &kernel.Error{Code: "contact.ddol", Text: "the DDOL does not ask for the Unpredictable Number, or too much"}

// ddol returns the card's DDOL, else the default one of the application, else that of the UN alone (Book 3, 10.3).
func (t *job) ddol(data *kernel.Data) []byte {
	ddol := data.Get(0x9F49)
	if ddol == nil && len(t.Given.Applications) > 0 {
		ddol = t.Given.Applications[0].DDOL
	}
	if ddol == nil {
		ddol = []byte{0x9F, 0x37, 0x04}
	}
	return ddol
}

// runFDDA is fDDA of Kernel 3 (C-3, Annex C). An ARQC is signed in the format for online authorisations.
func runFDDA(_ context.Context, t *job) (map[string]any, error) {
	return t.authenticate(oda.NoMethod, func(in oda.Input) (oda.Result, error) {
		signed, err := t.dynamicData(in.Data, func() ([]byte, error) {
			var b []byte
			for _, tag := range []tlv.Tag{tagUN, 0x9F02, 0x5F2A, 0x9F69} {
				b = append(b, in.Data.Get(tag)...)
			}
			return b, nil
		})
		format := byte(cert.FormatSDAD)
		if cid := in.Data.Get(0x9F27); cid != nil && cid[0]&0xC0 == 0x80 {
			format = cert.FormatSDADOnline
		}
		return oda.DDA(in, format, signed), err
	})
}

func runCDA(_ context.Context, t *job) (map[string]any, error) {
	return t.authenticate(oda.MethodCDA, func(in oda.Input) (oda.Result, error) {
		return oda.CDA(in, [][]byte{t.Given.DynamicData}), nil
	})
}

// dynamicData returns given.dynamic_data, or what the method takes where it is not given.
func (t *job) dynamicData(_ *kernel.Data, otherwise func() ([]byte, error)) ([][]byte, error) {
	if t.Given.hasDynamicData {
		return [][]byte{t.Given.DynamicData}, nil
	}
	b, err := otherwise()
	return [][]byte{b}, err
}

// authenticate runs one method on given.data. mark is the method as TVR and TSI know it, NoMethod for a kernel whose TVR
// stays zero.
func (t *job) authenticate(mark oda.Method, method func(oda.Input) (oda.Result, error)) (map[string]any, error) {
	env, err := t.env(replay.NewClock(t.Given.Transaction.when()))
	if err != nil {
		return nil, err
	}
	data, err := t.odaData()
	if err != nil {
		return nil, err
	}
	static := &oda.Static{}
	if t.Given.hasStaticData {
		static.Add(t.Given.StaticData)
	}
	static.CheckTagList(data)
	var v cert.Verifier
	r, err := method(oda.Input{Env: &env, Data: data, Cert: &v, Static: static})
	if err != nil {
		return nil, err
	}
	got := map[string]any{"result": "ok", "recovered": recovered(&r, data)}
	if r.Why != nil {
		got["result"] = kernel.CodeOf(r.Why)
	}
	// The results are those of this stage alone: what was there before does not count.
	err = data.Set(0x95, make([]byte, 5))
	if err == nil && mark != oda.NoMethod {
		err = errors.Join(data.Set(0x9B, make([]byte, 2)), oda.Mark(data, mark, r.Why))
	}
	dataOf(data, nil, got)
	return got, err
}

// odaData makes the data store of a stage alone. The AID, by which the CA key is found, may be that of the application,
// the DF name, or follow from the only RID among the keys.
func (t *job) odaData() (*kernel.Data, error) {
	d := kernel.NewData()
	d.Reset(dict.Common)
	objects := t.Given.Terminal
	for _, o := range t.Given.Data {
		objects = objects.With(o.Tag, o.Value)
	}
	if t.Run == "oda.cda" && objects.Get(0x9F27) == nil { // it is among the objects of the answer, at least
		if cid := signedCID(t.Given.DynamicData); cid != nil {
			objects = objects.With(0x9F27, cid)
		}
	}
	if err := d.Load(objects.Append(nil)); err != nil {
		return nil, err
	}
	if d.Has(0x9F06) {
		return d, t.odaDate(d)
	}
	aid := d.Get(0x84)
	if aid == nil {
		aid = d.Get(0x4F)
	}
	if aid == nil && len(t.Given.Applications) > 0 {
		aid = t.Given.Applications[0].AID
	}
	if rid, ok := onlyRID(t.Given.CAPKs.Keys); aid == nil && ok {
		aid = rid[:]
	}
	if aid != nil {
		if err := d.Set(0x9F06, aid); err != nil {
			return nil, err
		}
	}
	return d, t.odaDate(d)
}

// signedCID returns the Cryptogram Information Data that end the input of a transaction data hash, or stand among the
// objects there: what is in front of them are bare values, so they are looked for from the end.
func signedCID(input []byte) []byte {
	at := bytes.LastIndex(input, []byte{0x9F, 0x27, 0x01})
	if at < 0 || at+4 > len(input) {
		return nil
	}
	return input[at+3 : at+4]
}

// odaDate gives the store the transaction's date where given.data has none.
func (t *job) odaDate(d *kernel.Data) error {
	if d.Has(0x9A) {
		return nil
	}
	y, m, day := t.Given.Transaction.when().Date()
	return d.Set(0x9A, kernel.PutBCD(make([]byte, 3), uint64(y%100*10000+int(m)*100+day)))
}

func onlyRID(keys []capk.Key) (capk.RID, bool) {
	if len(keys) == 0 {
		return capk.RID{}, false
	}
	for _, k := range keys {
		if k.RID != keys[0].RID {
			return capk.RID{}, false
		}
	}
	return keys[0].RID, true
}

// recovered returns what came out of certificates and signatures.
func recovered(r *oda.Result, data *kernel.Data) map[string]any {
	out := map[string]any{"dac": hexOrNil(data.Get(0x9F45)), "idn": hexOrNil(data.Get(0x9F4C))}
	if r.Why != nil { // what was there before is not recovered
		out["dac"], out["idn"] = nil, nil
	}
	if k := r.Issuer.Key; k.Modulus != nil {
		out["issuer_key"], out["issuer_exponent"] = upper(k.Modulus), upper(k.Exponent)
		out["issuer_identifier"] = upper(r.Issuer.Identifier[:])
		out["issuer_serial"], out["issuer_expiry"] = upper(r.Issuer.Serial[:]), upper(r.Issuer.Expiry[:])
	}
	if k := r.ICC.Key; k.Modulus != nil {
		out["icc_key"], out["icc_exponent"] = upper(k.Modulus), upper(k.Exponent)
		out["icc_serial"], out["icc_expiry"] = upper(r.ICC.Serial[:]), upper(r.ICC.Expiry[:])
	}
	if r.CDA.Cryptogram != nil && r.Why == nil {
		out["cid"], out["cryptogram"] = upper([]byte{r.CDA.CID}), upper(r.CDA.Cryptogram)
		out["transaction_hash"] = upper(r.CDA.TransactionHash)
	}
	return out
}

// storeOf returns all data objects that are there.
func storeOf(d *kernel.Data) map[string]any {
	out := map[string]any{}
	for t, v := range d.All {
		if len(v) > 0 {
			out[t.String()] = upper(v)
		}
	}
	return out
}
