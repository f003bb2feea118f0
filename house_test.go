package emv_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The rules of the house: which folders there are, who imports whom, and what the core never does. golangci-lint holds
// the imports too (.golangci.yml, depguard); this test needs nothing but Go and sees every file, whatever its build tags.

const module = "github.com/cardwright/emv"

// folders are the only top-level ones.
var folders = []string{
	"kernel", "tlv", "contactless", "contact", "magstripe", "crypto", "terminal", "testvectors", "cmd", "docs",
	".ci", ".git", ".github",
}

// core folders are free of state, of goroutines, and of everything that is not plain Go.
var core = []string{"tlv", "crypto", "kernel", "contact", "contactless"}

// mayImport says what code below a folder imports of the module, and of other modules. The longest folder counts. A
// folder may import itself.
var mayImport = map[string]struct{ own, others []string }{
	"tlv":                  {},
	"crypto":               {own: []string{"tlv"}, others: []string{"filippo.io/bigmod", "filippo.io/nistec", "golang.org/x/crypto", "github.com/google/go-tpm"}},
	"magstripe":            {own: []string{"tlv", "crypto"}},
	"kernel":               {own: []string{"tlv", "crypto"}},
	"contact":              {own: []string{"tlv", "crypto", "magstripe", "kernel"}},
	"contactless":          {own: []string{"tlv", "crypto", "magstripe", "kernel"}},
	"terminal":             {own: []string{"tlv", "crypto", "magstripe", "kernel", "contact", "contactless"}, others: shell},
	"terminal/browsertest": {others: []string{"github.com/chromedp"}},
	"testvectors":          {own: []string{"tlv", "crypto", "magstripe", "kernel", "contact", "contactless"}},
	"testvectors/card":     {own: []string{"tlv", "crypto", "testvectors/issuer"}},
	"testvectors/issuer":   {own: []string{"tlv", "crypto", "testvectors/card"}, others: []string{"github.com/moov-io/iso8583"}},
	"cmd":                  {own: []string{""}, others: append([]string{"github.com/spf13/cobra"}, shell...)},
	"":                     {}, // the root itself: documentation
}

// shell are the modules that a device's shell is built from.
var shell = []string{
	"github.com/moov-io/iso8583", "github.com/ebfe/scard", "go.bug.st/serial", "github.com/coder/websocket", "rsc.io/qr",
	"github.com/koron/go-ssdp", "github.com/hashicorp/mdns", "github.com/vishvananda/netlink", "github.com/godbus/dbus",
	"github.com/nats-io", "github.com/prometheus/client_golang", "github.com/VictoriaMetrics/metrics", "golang.org/x/sys",
	"github.com/makiuchi-d/gozxing",
}

// testModules are what tests may import besides.
var testModules = []string{
	"github.com/stretchr/testify", "pgregory.net/rapid", "github.com/anishathalye/porcupine", "github.com/rogpeppe/go-internal",
	"github.com/chromedp",
}

// source is a parsed Go file.
type source struct {
	path string // slashes, from the root
	set  *token.FileSet
	file *ast.File
}

func parse(name string, text any) (source, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, filepath.FromSlash(name), text, 0)
	return source{name, set, file}, err
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// within reports whether a path is that of a folder or below it.
func within(p, folder string) bool {
	return folder == "" || p == folder || strings.HasPrefix(p, folder+"/")
}

func withinAny(p string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return within(p, f) })
}

func (s source) core() bool {
	return withinAny(s.path, core) && !s.test() && !within(s.path, "kernel/cardtest")
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

// imports checks who imports whom.
func (s source) imports() (faults []string) {
	dir := path.Dir(s.path)
	folder := ""
	for f := range mayImport {
		if f != "" && within(dir, f) && len(f) > len(folder) {
			folder = f
		}
	}
	may := mayImport[folder]
	own, others := append([]string{folder}, may.own...), may.others
	if folder == "" {
		own = nil
	}
	if s.test() {
		// Tests may use suites, simulated cards and hosts; those of a simulated side and of the root, everything below cmd.
		own, others = append(own, "testvectors"), append(slices.Clone(others), testModules...)
		if folder == "" || within(folder, "testvectors") {
			own = append(own, "tlv", "crypto", "magstripe", "kernel", "contact", "contactless", "terminal")
		}
	}
	for _, i := range s.file.Imports {
		p := strings.Trim(i.Path.Value, `"`)
		fault := ""
		switch first, _, _ := strings.Cut(p, "/"); {
		case within(p, module):
			to := strings.TrimPrefix(strings.TrimPrefix(p, module), "/")
			if !withinAny(to, own) {
				fault = "must not import " + to
			} else if from, other := kernelOf(dir), kernelOf(to); from != "" && other != "" && from != other {
				fault = "a kernel must not import another: " + to
			} else if from == "" && other != "" && within(dir, "contactless") && !s.test() {
				fault = "the entry point must not import a kernel: " + to
			}
		case (p == "C" || p == "unsafe" || p == "reflect") && s.core():
			fault = "must not import " + p
		case strings.Contains(first, ".") && !withinAny(p, others):
			fault = "must not import the module of " + p
		}
		if fault != "" {
			faults = append(faults, s.at(i)+": "+fault)
		}
	}
	return faults
}

// kernelOf returns the contactless kernel that a folder is of, "" for none.
func kernelOf(dir string) string {
	rest, ok := strings.CutPrefix(dir, "contactless/")
	name, _, _ := strings.Cut(rest, "/")
	if !ok || name == "wallet" || name == "internal" {
		return ""
	}
	return name
}

// habits checks what core code never does: init, goroutines, and writing to variables of the package, those that
// variables names. A variable that is changed through a pointer or a method is not noticed.
func (s source) habits(variables map[string]bool) (faults []string) {
	report := func(n ast.Node, what string) { faults = append(faults, s.at(n)+": "+what) }
	written := func(x ast.Expr) {
		if id := root(x); id != nil && id.Name != "_" && variables[id.Name] && (id.Obj == nil || s.file.Scope.Lookup(id.Name) == id.Obj) {
			report(x, "writes to the package's variable "+id.Name)
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil {
				report(n, "has a func init")
			}
		case *ast.GoStmt:
			report(n, "starts a goroutine")
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, x := range n.Lhs {
					written(x)
				}
			}
		case *ast.IncDecStmt:
			written(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				written(n.Key)
				written(n.Value)
			}
		}
		return true
	})
	return faults
}

// root returns the variable that an expression is a part of, nil if there is none.
func root(x ast.Expr) *ast.Ident {
	for {
		switch e := x.(type) {
		case *ast.Ident:
			return e
		case *ast.IndexExpr:
			x = e.X
		case *ast.SliceExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		default:
			return nil
		}
	}
}

// variables returns the package-level variables that files declare.
func variables(files []source) map[string]bool {
	names := map[string]bool{}
	for _, s := range files {
		for _, d := range s.file.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
				for _, spec := range d.Specs {
					for _, id := range spec.(*ast.ValueSpec).Names {
						names[id.Name] = true
					}
				}
			}
		}
	}
	return names
}

// check applies all rules to the files of one folder.
func check(files []source) (faults []string) {
	inCore := slices.DeleteFunc(slices.Clone(files), func(s source) bool { return !s.core() })
	names := variables(inCore)
	for _, s := range files {
		faults = append(faults, s.imports()...)
	}
	for _, s := range inCore {
		faults = append(faults, s.habits(names)...)
	}
	return faults
}

// strangers returns the folders that are not of the house.
func strangers(entries []fs.DirEntry) (names []string) {
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(folders, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestHouse(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strangers(entries) {
		t.Errorf("%s is not one of the top-level folders", name)
	}
	packages := map[string][]source{}
	err = filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case e.IsDir() && (name == ".git" || name == ".ci" || e.Name() == "testdata"):
			return fs.SkipDir
		case e.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		s, err := parse(name, nil)
		packages[path.Dir(name)] = append(packages[path.Dir(name)], s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".", "tlv", "tlv/dict", "crypto/cert", "kernel", "contactless", "contactless/visa"} {
		if len(packages[dir]) == 0 {
			t.Errorf("no Go file was found in %s", dir)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		for _, fault := range check(packages[dir]) {
			t.Error(fault)
		}
	}
}
