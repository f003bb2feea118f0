package runner

import (
	"bytes"
	"strings"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// recorder listens to a transaction.
type recorder struct {
	trace       *tracer
	ui          []any
	candidates  []any
	adfs        [][]byte
	activations []any
	prepared    []any
	fci         []byte
	aid         kernel.AID // of the combination whose kernel was activated last
	de55        []byte     // of the last cryptogram that the card gave
	cryptogram  []byte
	last        *kernel.Outcome
	answer      *kernel.OnlineAnswer // that the terminal restarts with
	state       string               // of C-2, as the last step named it
}

// Show records a message.
func (r *recorder) Show(u kernel.UIRequest) {
	r.trace.line("ui   %s %s", messageOf(u.Message), u.Status)
	r.ui = append(r.ui, uiOf(u))
}

func uiOf(u kernel.UIRequest) map[string]any {
	one := map[string]any{
		"message": nil, "status": statusOf(u.Status), "hold_ms": u.Hold.Milliseconds(), "language": nil, "amount": nil,
	}
	if u.Message != kernel.NoMessage {
		one["message"] = messageOf(u.Message)
	}
	if u.Language != "" {
		one["language"] = u.Language
	}
	if u.Value != kernel.NoValue {
		one["amount"] = int64(u.Amount)
	}
	return one
}

func messageOf(m kernel.Message) string { return upper([]byte{byte(m)}) }

func statusOf(s kernel.Status) string {
	if s == kernel.NoStatus {
		return "na"
	}
	return s.String()
}

// event records what the entry point says about itself.
func (r *recorder) event(e kernel.Event) {
	r.trace.event(e)
	switch e := e.(type) {
	case kernel.StepEvent:
		r.state = strings.TrimPrefix(e.Ref, "C-2, ")
	case contactless.PreprocessedEvent:
		r.prepared = append(r.prepared, preparedOf(e))
	case contactless.CandidatesEvent:
		r.candidates, r.adfs = []any{}, nil
		for _, c := range e.Candidates {
			r.adfs = append(r.adfs, bytes.Clone(c.ADF))
			r.candidates = append(r.candidates, candidateOf(c))
		}
	case contactless.ActivationEvent:
		if e.FCI != nil || e.Start != kernel.StartD { // at Start D the kernel has had it
			r.fci = bytes.Clone(e.FCI)
		}
		r.aid = e.Combination.AID
		r.activations = append(r.activations, r.activationOf(e))
	case contactless.OutcomeEvent:
		r.last = new(e.Outcome)
		r.keepCryptogram(e.Data)
	}
}

func preparedOf(e contactless.PreprocessedEvent) map[string]any {
	in := e.Indicators
	one := map[string]any{
		"aid": upper(e.Combination.AID), "kernel": e.Combination.Kernel.String(), "allowed": !in.NotAllowed, "ttq": nil,
		"indicators": indicatorsOf(in), "status_check_requested": in.StatusCheckRequested, "zero_amount": in.ZeroAmount,
		"application_not_allowed": in.NotAllowed, "cvm_required_limit_exceeded": in.CVMRequiredLimitExceeded, "floor_limit_exceeded": in.FloorLimitExceeded,
	}
	if e.Combination.TTQ != nil {
		one["ttq"] = upper(in.TTQ[:])
	}
	return one
}

func indicatorsOf(in contactless.Indicators) []any {
	out := []any{}
	set := []bool{
		in.StatusCheckRequested, in.NotAllowed, in.ZeroAmount, in.CVMRequiredLimitExceeded, in.FloorLimitExceeded,
	}
	for i, b := range set {
		if b {
			out = append(out, indicatorNames[i])
		}
	}
	return out
}

func candidateOf(c contactless.Candidate) map[string]any {
	one := map[string]any{
		"aid": oneOf{upper(c.ADF), upper(c.AID)}, "label": nil, "priority": int64(c.Priority), "kernel": c.Kernel.String(),
	}
	if c.Label != "" {
		one["label"] = c.Label
	}
	return one
}

func (r *recorder) activationOf(e contactless.ActivationEvent) map[string]any {
	data := storeOf(e.Data)
	if e.FCI != nil {
		data["6F"] = upper(e.FCI)
	}
	if e.Answer && r.answer != nil {
		putAnswer(data, r.answer)
	}
	one := map[string]any{
		"kernel": e.Kernel.String(), "aid": r.aidOf(e.ADF), "ttq": nil, "start": e.Start.String(), "restart": e.Restart,
		"indicators": indicatorsOf(e.Indicators), "data": data,
	}
	if e.Combination.TTQ != nil {
		one["ttq"] = upper(e.Indicators.TTQ[:])
	}
	return one
}

// putAnswer puts what the issuer answered among the data that a kernel is handed: it is, beside its data objects.
func putAnswer(data map[string]any, a *kernel.OnlineAnswer) {
	if a.ARC != [2]byte{} {
		data["8A"] = upper(a.ARC[:])
	}
	if a.AuthCode != nil {
		data["89"] = upper(a.AuthCode)
	}
	if a.IssuerAuth != nil {
		data["91"] = upper(a.IssuerAuth)
	}
	for _, t := range []tlv.Tag{0x71, 0x72} {
		if v, ok := tlv.Find(a.Scripts, t); ok {
			data[t.String()] = upper(v)
		}
	}
}

// aidOf returns the name that was selected. The format says "AID": the ADF Name of the card's directory, which extended
// selection makes longer, and the reader's AID, which may be shorter, are right too.
func (r *recorder) aidOf(adf []byte) oneOf {
	names := oneOf{upper(adf)}
	for _, a := range r.adfs {
		if len(a) < len(adf) && bytes.HasPrefix(adf, a) {
			names = append(names, upper(a))
		}
	}
	if bytes.HasPrefix(adf, r.aid) && len(r.aid) > 0 {
		names = append(names, upper(r.aid))
	}
	return names
}

// de55Tags are the data objects by which an issuer verifies a cryptogram.
var de55Tags = []tlv.Tag{
	0x57, 0x5A, 0x5F2A, 0x5F34, 0x82, 0x84, 0x95, 0x9A, 0x9C, 0x9F02, 0x9F03, 0x9F06, 0x9F10, 0x9F1A, 0x9F26, 0x9F27, 0x9F36, 0x9F37,
}

// keepCryptogram keeps what the issuer needs to verify the card's cryptogram, at the time when the card gave it: a
// restart draws another unpredictable number.
func (r *recorder) keepCryptogram(d *kernel.Data) {
	ac := d.Get(0x9F26)
	// That of a combined signature comes out of it: the kernel wrote it.
	if ac == nil || d.From(0x9F26)&(dict.Card|dict.Kernel) == 0 || bytes.Equal(ac, r.cryptogram) {
		return
	}
	r.cryptogram = bytes.Clone(ac)
	r.de55 = r.de55[:0]
	for _, t := range de55Tags {
		if v := d.Get(t); v != nil {
			r.de55 = tlv.Append(r.de55, t, v)
		}
	}
}

// give puts what was recorded into got.
func (r *recorder) give(got map[string]any) {
	got["ui"] = append([]any{}, r.ui...)
	if r.candidates != nil {
		got["candidates"] = r.candidates
	}
	got["activations"] = append([]any{}, r.activations...)
	got["combinations"] = append([]any{}, r.prepared...)
}

// outcomeOf puts an outcome's parameters into got.
func outcomeOf(o *kernel.Outcome, got map[string]any) {
	if o.Kind == kernel.NoOutcome {
		return
	}
	got["outcome"] = o.Kind.String()
	got["start"] = o.Start.String()
	got["online_response"] = o.OnlineResponse.String()
	got["cvm"] = o.CVM.String()
	got["alternate_interface"] = o.Alternate.String()
	got["receipt"] = o.Receipt
	if !o.Receipt {
		got["receipt"] = oneOf{false, "na"}
	}
	got["removal_timeout_ms"] = o.RemovalTimeout.Milliseconds()
	if o.RemovalTimeout == 0 {
		got["removal_timeout_ms"] = oneOf{int64(0), "na"}
	}
	switch {
	case o.FieldOff == 0:
		got["field_off_ms"] = "na"
	case o.FieldOff < 0:
		got["field_off_ms"] = int64(0)
	default:
		got["field_off_ms"] = o.FieldOff.Milliseconds()
	}
}

// dataOf puts the final data objects into got, those that have a key of their own included.
func dataOf(d *kernel.Data, fci []byte, got map[string]any) {
	store := storeOf(d)
	if fci != nil {
		store["6F"] = upper(fci)
	}
	got["data"] = store
	for key, tag := range map[string]string{"tvr": "95", "tsi": "9B", "cvm_results": "9F34", "cid": "9F27"} {
		got[key] = store[tag]
	}
}

// listOf turns texts into a list of got.
func listOf(texts []string) []any {
	out := []any{}
	for _, s := range texts {
		out = append(out, s)
	}
	return out
}

// commandsOf turns commands into a list of got.
func commandsOf(commands [][]byte) []any {
	out := []any{}
	for _, c := range commands {
		out = append(out, upper(c))
	}
	return out
}
