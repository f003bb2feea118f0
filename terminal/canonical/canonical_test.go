package canonical

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The samples of RFC 8785: 3.2.2 (the whole), 3.2.3 (order).
func TestSamplesOfTheStandard(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{
			"3.2.2",
			`{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`,
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
				`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		{
			"3.2.3",
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",` +
				`"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\"," +
				"\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
		},
	} {
		got, err := Transform([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v\nwant %s", c.name, got, err, c.want)
		}
	}
}

// RFC 8785, appendix B: bits of a double and how it is written.
func TestNumbersOfTheStandard(t *testing.T) {
	for bits, want := range map[string]string{
		"0000000000000000": "0",
		"8000000000000000": "0",
		"0000000000000001": "5e-324",
		"8000000000000001": "-5e-324",
		"7fefffffffffffff": "1.7976931348623157e+308",
		"4340000000000000": "9007199254740992",
		"c340000000000000": "-9007199254740992",
		"4430000000000000": "295147905179352830000",
		"44b52d02c7e14af5": "9.999999999999997e+22",
		"44b52d02c7e14af6": "1e+23",
		"44b52d02c7e14af7": "1.0000000000000001e+23",
		"444b1ae4d6e2ef4e": "999999999999999700000",
		"444b1ae4d6e2ef4f": "999999999999999900000",
		"444b1ae4d6e2ef50": "1e+21",
		"3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
		"3eb0c6f7a0b5ed8d": "0.000001",
		"41b3de4355555553": "333333333.3333332",
		"41b3de4355555554": "333333333.33333325",
		"41b3de4355555555": "333333333.3333333",
		"41b3de4355555556": "333333333.3333334",
		"41b3de4355555557": "333333333.33333343",
		"becbf647612f3696": "-0.0000033333333333333333",
		"43143ff3c1cb0959": "1424953923781206.2",
	} {
		u, err := strconv.ParseUint(bits, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		got, err := number(nil, strconv.FormatFloat(math.Float64frombits(u), 'g', 17, 64))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", bits, got, err, want)
		}
	}
}

var refused = []string{
	"", "{", "[1,]", "{}{}", "nul", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "1e400", `"\ud800"`, `"\ud83d\\ude00"`, `"\udc00"`,
	`"\ud83dx\ude00"`, "\"\xff\"", `{1:2}`, "]", strings.Repeat("[", 100) + strings.Repeat("]", 100),
}

func TestWhatHasNoCanonicalForm(t *testing.T) {
	for _, in := range refused {
		got, err := Transform([]byte(in))
		var e *Error
		if !errors.As(err, &e) || e.ErrorCode() != "canonical.invalid" {
			t.Errorf("%.40q: %s, %v", in, got, err)
		}
	}
	if _, err := Marshal(make(chan int)); err == nil {
		t.Error("a channel was written")
	}
}

// The form is JSON of the same value, and its own form.
func TestFormIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.MapOf(rapid.String(), rapid.SliceOfN(rapid.OneOf(
			rapid.Map(rapid.Float64(), func(f float64) any { return f }),
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		), 0, 5)).Draw(t, "value")
		once, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := Transform(once)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s becomes %s, %v", once, twice, err)
		}
		var want, got any
		plain, _ := json.Marshal(v)
		if json.Unmarshal(plain, &want) != nil || json.Unmarshal(once, &got) != nil || !reflect.DeepEqual(want, got) {
			t.Fatalf("%s is not %s", once, plain)
		}
	})
}

func FuzzTransform(f *testing.F) {
	for _, s := range append(refused, `{"b":[1,2.50,null],"a":"\u00e5"}`, `"\ud83d\ude00"`, "-0", "1E-7") {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := Transform(in)
		if err != nil {
			return
		}
		if twice, err := Transform(once); err != nil || string(once) != string(twice) {
			t.Fatalf("%q becomes %q, %v", once, twice, err)
		}
	})
}
