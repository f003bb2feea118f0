package wire

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

// Protocol is a version of the protocol: within one major version every minor version understands the older ones.
type Protocol struct {
	Major int `json:"major"`
	Minor int `json:"minor"`
}

// This is the protocol that this package speaks.
var This = Range{Min: Protocol{1, 3}, Max: Protocol{1, 5}}

// Range is what a side speaks.
type Range struct {
	Min Protocol `json:"min"`
	Max Protocol `json:"max"`
}

func (p Protocol) compare(q Protocol) int {
	return cmp.Or(cmp.Compare(p.Major, q.Major), cmp.Compare(p.Minor, q.Minor))
}

// Common returns the highest version that both sides speak.
func (r Range) Common(o Range) (Protocol, bool) {
	least, most := r.Min, r.Max
	if o.Min.compare(least) > 0 {
		least = o.Min
	}
	if o.Max.compare(most) < 0 {
		most = o.Max
	}
	return most, least.compare(most) <= 0
}

// Check refuses an empty range, and numbers that a byte does not hold: the pairing code has bytes.
func (r Range) Check() error {
	for _, v := range []int{r.Min.Major, r.Min.Minor, r.Max.Major, r.Max.Minor} {
		if v < 0 || v > 255 {
			return bad("protocol: a number above 255")
		}
	}
	if r.Min.compare(r.Max) > 0 {
		return bad("protocol: min is above max")
	}
	return nil
}

// Version is that of a till app: numbers compared as numbers, so that 10 is more than 9. S9.
type Version struct {
	Major, Minor, Patch int
	Pre                 string // of 8.16.0-beta: "beta", which is older than 8.16.0
}

// ParseVersion reads one to three numbers with dots, and what Semantic Versioning 2.0.0 puts behind them. Build data
// (+…) are left out: they do not order versions. The error is CodeBadMessage.
func ParseVersion(s string) (Version, error) {
	var v Version
	if len(s) > MaxID {
		return v, bad("app_version: more than %d characters", MaxID)
	}
	numbers, _, _ := strings.Cut(s, "+")
	numbers, pre, hasPre := strings.Cut(numbers, "-")
	parts := strings.Split(numbers, ".")
	if len(parts) > 3 || hasPre && pre == "" {
		return v, bad("app_version: not MAJOR.MINOR.PATCH")
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil || len(p) > 1 && p[0] == '0' {
			return Version{}, bad("app_version: not MAJOR.MINOR.PATCH")
		}
		*[]*int{&v.Major, &v.Minor, &v.Patch}[i] = int(n)
	}
	v.Pre = pre
	return v, nil
}

// Compare orders versions. Two pre-releases of one version are compared as texts: good enough to tell them from it.
func (v Version) Compare(o Version) int {
	c := cmp.Or(cmp.Compare(v.Major, o.Major), cmp.Compare(v.Minor, o.Minor), cmp.Compare(v.Patch, o.Patch))
	switch {
	case c != 0 || v.Pre == o.Pre:
		return c
	case v.Pre == "":
		return 1
	case o.Pre == "":
		return -1
	default:
		return strings.Compare(v.Pre, o.Pre)
	}
}

func (v Version) String() string {
	s := strconv.Itoa(v.Major) + "." + strconv.Itoa(v.Minor) + "." + strconv.Itoa(v.Patch)
	if v.Pre != "" {
		s += "-" + v.Pre
	}
	return s
}

// MarshalJSON writes the version as a text.
func (v Version) MarshalJSON() ([]byte, error) { return json.Marshal(v.String()) }

// UnmarshalJSON reads a version.
func (v *Version) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return bad("app_version: not a text")
	}
	parsed, err := ParseVersion(s)
	if err == nil {
		*v = parsed
	}
	return err
}
