package runner

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// suiteWith puts the text of one case into a suite.
func suiteWith(body string) string {
	return `{"format":"emv-vectors/1","suite":"s","about":"a","source":"b","cases":[` + body + `]}`
}

func caseWith(given, want string) string {
	return suiteWith(`{"id":"one","about":"a","refs":["Book 3, 5.4"],"run":"tlv.parse","given":{` + given + `},"want":{` + want + `}}`)
}

// TestRefusals holds that whatever is not the format is refused, with the case and the place.
func TestRefusals(t *testing.T) {
	for name, x := range map[string]struct{ text, code, place string }{
		"no JSON":                  {`{"format":`, CodeJSON, "line 1"},
		"JSON and more":            {suiteWith("") + "{}", CodeJSON, "line 1"},
		"line":                     {"{\n\"format\": \"emv-vectors/1\",\n}", CodeJSON, "line 3"},
		"a key twice":              {`{"format":"emv-vectors/1","suite":"s","suite":"s","cases":[]}`, CodeJSON, `"suite" is there twice`},
		"an array":                 {`[]`, CodeType, "object"},
		"no format":                {`{"suite":"s","cases":[]}`, CodeFormat, "format"},
		"another format":           {`{"format":"emv-vectors/2","suite":"s","cases":[]}`, CodeFormat, "format"},
		"no name":                  {`{"format":"emv-vectors/1","cases":[]}`, CodeMissing, "suite"},
		"no cases":                 {`{"format":"emv-vectors/1","suite":"s"}`, CodeMissing, "cases"},
		"unknown in suite":         {`{"format":"emv-vectors/1","suite":"s","cases":[],"casse":1}`, CodeUnknown, `"casse"`},
		"unknown in case":          {suiteWith(`{"id":"one","run":"tlv.parse","given":{},"want":{},"wants":{}}`), CodeUnknown, `one: wants`},
		"unknown in defaults":      {`{"format":"emv-vectors/1","suite":"s","defaults":{"give":{}},"cases":[]}`, CodeUnknown, "defaults.give"},
		"unknown in given":         {caseWith(`"byte":"00"`, ``), CodeUnknown, "one: given.byte"},
		"unknown in want":          {caseWith(``, `"trees":[]`), CodeUnknown, "one: want.trees"},
		"unknown in transaction":   {caseWith(`"transaction":{"amounts":"1"}`, ``), CodeUnknown, "given.transaction.amounts"},
		"unknown in application":   {caseWith(`"applications":[{},{"limit":"1"}]`, ``), CodeUnknown, "given.applications[1].limit"},
		"unknown in limit set":     {caseWith(`"applications":[{"drl":[{"id":"00"}]}]`, ``), CodeUnknown, "given.applications[0].drl[0].id"},
		"unknown in card":          {caseWith(`"card":{"exchange":[]}`, ``), CodeUnknown, "given.card.exchange"},
		"unknown in exchange":      {caseWith(`"card":{"exchanges":[{"c":"00","r":"9000","t":1}]}`, ``), CodeUnknown, "given.card.exchanges[0].t"},
		"unknown in second card":   {caseWith(`"card":[{},{"x":1}]`, ``), CodeUnknown, "given.card[1].x"},
		"unknown in simulated":     {caseWith(`"card":{"profile":"p","exchanges":[]}`, ``), CodeUnknown, "given.card.exchanges"},
		"unknown in kernel":        {caseWith(`"kernels":[{"outcome":"approved","uis":1}]`, ``), CodeUnknown, "given.kernels[0].uis"},
		"unknown in kernel ui":     {caseWith(`"kernels":[{"outcome":"approved","ui":{"id":"15"}}]`, ``), CodeUnknown, "given.kernels[0].ui.id"},
		"unknown in tap":           {caseWith(`"taps":[{"host":[]}]`, ``), CodeUnknown, "given.taps[0].host"},
		"unknown in signal":        {caseWith(`"det":[{"state":"S4"}]`, ``), CodeUnknown, "given.det[0].state"},
		"state of a signal":        {caseWith(`"det":[{"when":"S9"}]`, ``), CodeValue, "given.det[0].when"},
		"tag of a signal":          {caseWith(`"det":[{"needs":["9F"]}]`, ``), CodeValue, "given.det[0].needs[0]"},
		"unknown in host":          {caseWith(`"host":[{"ARC":"3030"}]`, ``), CodeUnknown, "given.host[0].ARC"},
		"unknown in capks":         {caseWith(`"capks":[{"rid":"A000000003","index":"92","modulus":"01","exponent":"03","hash":"00"}]`, ``), CodeUnknown, "given.capks[0].hash"},
		"unknown in revoked":       {caseWith(`"revoked":[{"pan":"1"}]`, ``), CodeUnknown, "given.revoked[0].pan"},
		"unknown in log":           {caseWith(`"log":[{"when":"1"}]`, ``), CodeUnknown, "given.log[0].when"},
		"unknown in features":      {caseWith(`"terminal_does":{"support":[]}`, ``), CodeUnknown, "given.terminal_does.support"},
		"unknown in ui":            {caseWith(``, `"ui":[{},{"text":"x"}]`), CodeUnknown, "want.ui[1].text"},
		"unknown in candidate":     {caseWith(``, `"candidates":[{"adf":"00"}]`), CodeUnknown, "want.candidates[0].adf"},
		"unknown in activation":    {caseWith(``, `"activations":[{"adf":"00"}]`), CodeUnknown, "want.activations[0].adf"},
		"unknown in tree":          {caseWith(``, `"tree":[{"tag":"5A","children":[{"tag":"82","val":"00"}]}]`), CodeUnknown, "want.tree[0].children[0].val"},
		"not a tag":                {caseWith(`"terminal":{"9F":"00"}`, ``), CodeUnknown, "given.terminal.9F"},
		"not a wanted tag":         {caseWith(``, `"data":{"TVR":"00"}`), CodeUnknown, "want.data.TVR"},
		"hex odd":                  {caseWith(`"bytes":"820"`, ``), CodeHex, "given.bytes"},
		"hex letters":              {caseWith(`"bytes":"8Z"`, ``), CodeHex, "given.bytes"},
		"hex spaces":               {caseWith(`"bytes":"82 00"`, ``), CodeHex, "given.bytes"},
		"hex wanted":               {caseWith(``, `"tvr":"8"`), CodeValue, "want.tvr"},
		"pattern":                  {caseWith(`"card":{"exchanges":[{"c":"00A.","r":"9000"}]}`, ``), CodeHex, "given.card.exchanges[0].c"},
		"type of bytes":            {caseWith(`"bytes":12`, ``), CodeType, "given.bytes"},
		"type of given":            {suiteWith(`{"id":"one","run":"tlv.parse","given":[],"want":{}}`), CodeType, "one: given"},
		"type of refs":             {suiteWith(`{"id":"one","refs":"x","run":"tlv.parse","given":{},"want":{}}`), CodeType, "one: refs"},
		"amount":                   {caseWith(`"transaction":{"amount":"12.50"}`, ``), CodeValue, "given.transaction.amount"},
		"negative amount":          {caseWith(`"transaction":{"amount":"-1"}`, ``), CodeValue, "given.transaction.amount"},
		"ttq length":               {caseWith(`"applications":[{"ttq":"2600"}]`, ``), CodeValue, "given.applications[0].ttq"},
		"kernel id length":         {caseWith(`"applications":[{"kernel":"0301"}]`, ``), CodeValue, "given.applications[0].kernel"},
		"floor limit":              {caseWith(`"applications":[{"floor_limit":"4294967296"}]`, ``), CodeValue, "given.applications[0].floor_limit"},
		"card error":               {caseWith(`"card":{"exchanges":[{"c":"00","error":"lost"}]}`, ``), CodeValue, "given.card.exchanges[0].error"},
		"answer and error":         {caseWith(`"card":{"exchanges":[{"c":"00","r":"9000","error":"removed"}]}`, ``), CodeMissing, "given.card.exchanges[0]"},
		"neither answer nor error": {caseWith(`"card":{"exchanges":[{"c":"00"}]}`, ``), CodeMissing, "given.card.exchanges[0]"},
		"order":                    {caseWith(`"card":{"order":"random"}`, ``), CodeValue, "given.card.order"},
		"capk set":                 {caseWith(`"capks":"live"`, ``), CodeValue, "given.capks"},
		"outcome of a kernel":      {caseWith(`"kernels":[{"outcome":"ok"}]`, ``), CodeValue, "given.kernels[0].outcome"},
		"no outcome of a kernel":   {caseWith(`"kernels":[{}]`, ``), CodeMissing, "given.kernels[0].outcome"},
		"wanted outcome":           {caseWith(``, `"outcome":"ok"`), CodeValue, "want.outcome"},
		"wanted outcomes":          {caseWith(``, `"outcome":["approved","ok"]`), CodeValue, "want.outcome[1]"},
		"wanted nothing of":        {caseWith(``, `"outcome":[]`), CodeValue, "want.outcome"},
		"wanted status":            {caseWith(``, `"ui":[{"status":"ready"}]`), CodeValue, "want.ui[0].status"},
		"wanted error":             {caseWith(``, `"error":false`), CodeValue, "want.error"},
		"wanted indicator":         {caseWith(``, `"activations":[{"indicators":["zero"]}]`), CodeValue, "want.activations[0].indicators[0]"},
		"no id":                    {suiteWith(`{"run":"tlv.parse","given":{},"want":{}}`), CodeMissing, "cases[0]"},
		"no run":                   {suiteWith(`{"id":"one","given":{},"want":{}}`), CodeMissing, "one: run"},
		"an id twice":              {suiteWith(`{"id":"one","run":"a","want":{}},{"id":"one","run":"a","want":{}}`), CodeTwice, "one: id"},
	} {
		_, err := Parse("file.json", []byte(x.text))
		var le *LoadError
		if !errors.As(err, &le) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if le.ErrorCode() != x.code || !strings.Contains(le.Error(), x.place) || !strings.HasPrefix(le.Error(), "file.json: ") {
			t.Errorf("%s: %v, want %s and %q", name, le, x.code, x.place)
		}
	}
}

// TestDefaults holds that objects merge key by key and everything else is replaced.
func TestDefaults(t *testing.T) {
	s, err := Parse("f", []byte(`{"format":"emv-vectors/1","suite":"s","defaults":{"refs":["Book 3, 1"],"given":{
		"terminal":{"9F1A":"0840","9F35":"22"},"transaction":{"amount":"5","currency":"0978"},"random":"00",
		"applications":[{"aid":"A000000003","kernel":"03"},{"aid":"A000000004","kernel":"02"}]}},
		"cases":[{"id":"a","run":"x","given":{"terminal":{"9F1A":"0056"},"transaction":{"amount":"7"},"random":"FF",
		"applications":[{"aid":"A000000025","kernel":"04"}]}},{"id":"b","run":"x"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	a, b := s.Cases[0].Given, s.Cases[1].Given
	if upper(a.Terminal.Append(nil)) != "9F1A0200569F350122" || a.Transaction.Amount != 7 || a.Transaction.Currency != 978 ||
		len(a.Applications) != 1 || a.Random[0] != 0xFF {
		t.Errorf("%+v", a)
	}
	if upper(b.Terminal.Append(nil)) != "9F1A0208409F350122" || b.Transaction.Amount != 5 || len(b.Applications) != 2 ||
		len(s.Cases[1].Refs) != 1 {
		t.Errorf("%+v", b)
	}
}

// TestFolder holds which files of a folder are suites.
func TestFolder(t *testing.T) {
	one := suiteWith(`{"id":"x","run":"tlv.parse","given":{},"want":{"tree":[]}}`)
	fsys := fstest.MapFS{
		"d/b.json": {Data: []byte(one)}, "d/sub/a.json": {Data: []byte(one)}, "d/schema.json": {Data: []byte(`{"$schema":"x"}`)},
		"d/rules.json": {Data: []byte(`{"format":"emv-rules/1"}`)}, "d/keys.json": {Data: []byte(`{"keys":[]}`)},
		"d/readme.md": {Data: []byte("x")},
	}
	suites, err := LoadFS(fsys, "d")
	if err != nil || len(suites) != 2 || suites[0].File != "d/b.json" || suites[1].File != "d/sub/a.json" {
		t.Errorf("%v, %v", suites, err)
	}
	if _, err := LoadFS(fsys, "d/schema.json"); err == nil {
		t.Error("a file that is named must be a suite")
	}
	fsys["d/typo.json"] = &fstest.MapFile{Data: []byte(`{"fromat":"emv-vectors/1","cases":[]}`)}
	if _, err := LoadFS(fsys, "d"); err == nil {
		t.Error("a suite with a wrong key was passed over")
	}
	if _, err := Load("testdata/nothing-there"); err == nil {
		t.Error("a path that is not there was passed over")
	}
}
