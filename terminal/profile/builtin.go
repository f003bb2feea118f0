package profile

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/cardwright/emv/kernel"
)

// files are the data that come with the package.
//
//go:embed data/*.json
var files embed.FS

const brandsFile = "brands.json"

// Load reads the profile of a country from its file. Brands that the file does not define itself are those that come
// with the package. The error is a *kernel.ConfigError with everything that is wrong, each with its code and its path.
func Load(file []byte) (*Profile, error) {
	shared, err := brands()
	if err != nil {
		return nil, err
	}
	return load(file, shared)
}

// brands are those of the package, read once.
var brands = sync.OnceValues(sharedBrands)

func sharedBrands() ([]scheme, error) {
	file, err := files.ReadFile("data/" + brandsFile)
	if err != nil {
		return nil, err
	}
	o, err := parseFile(file)
	if err != nil {
		return nil, err
	}
	if f := o.text("format"); o.Need("format") && f != formatBrands {
		o.Fault("format", CodeFormat, "must be %s", formatBrands)
	}
	o.text("about")
	list := readSchemes(o)
	o.Done()
	return list, o.Err()
}

// Countries lists the countries that come with the package, by two letters.
func Countries() []string {
	var list []string
	names, _ := fs.Glob(files, "data/*.json") // the pattern is good
	for _, n := range names {
		if n = path.Base(n); n != brandsFile {
			list = append(list, strings.TrimSuffix(n, ".json"))
		}
	}
	slices.Sort(list)
	return list
}

// Builtin returns the profile of a country that comes with the package, by its two letters. For any other the error has
// the code CodeCountry and names those that there are.
func Builtin(country string) (*Profile, error) {
	if !slices.Contains(Countries(), country) {
		return nil, &kernel.Error{
			Code: CodeCountry, Text: "there is no profile for " + quote(country) + ", only for " + strings.Join(Countries(), " "),
		}
	}
	file, err := files.ReadFile("data/" + country + ".json")
	if err != nil {
		return nil, err
	}
	return Load(file)
}

// quote shows a name of a country, which may come from anywhere.
func quote(s string) string {
	if len(s) > 20 {
		s = s[:20] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7F {
			return '?'
		}
		return r
	}, s)
}
