package counter

import (
	"sync"

	"github.com/cardwright/emv/kernel"
)

// Scanner is a simulated barcode scanner, as terminal/dock wants one: open it is held by one program, and hands over what
// is scanned; closed it sees nothing. The zero Scanner is closed.
type Scanner struct {
	mu   sync.Mutex
	open bool
	last string
}

// What can't be scanned now.
var (
	ErrScannerTaken  = &kernel.Error{Code: "counter.scanner_taken", Text: "the scanner is open already"}
	ErrScannerClosed = &kernel.Error{Code: "counter.scanner_closed", Text: "the scanner is closed"}
	ErrBarcode       = &kernel.Error{Code: "counter.barcode", Text: "a barcode has 1 to 80 characters of ASCII"}
)

// maxBarcode is more than the scanners of counters read: 48 characters of GS1-128 (GS1 General Specifications, 5.4), 80 with
// room.
const maxBarcode = 80

// Open grabs the scanner. The error is ErrScannerTaken.
func (s *Scanner) Open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return ErrScannerTaken
	}
	s.open = true
	return nil
}

// Close lets go of it, and forgets what was scanned.
func (s *Scanner) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.last = false, ""
	return nil
}

// Handles is how many hold the scanner: 0 or 1.
func (s *Scanner) Handles() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return 1
	}
	return 0
}

// Scan holds a barcode to the scanner. The errors are ErrBarcode and ErrScannerClosed.
func (s *Scanner) Scan(code string) error {
	if code == "" || len(code) > maxBarcode {
		return ErrBarcode
	}
	for i := range len(code) {
		if code[i] < ' ' || code[i] > '~' {
			return ErrBarcode
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		return ErrScannerClosed
	}
	s.last = code
	return nil
}

// Scanned returns the barcode that came last since the scanner was opened, "" for none.
func (s *Scanner) Scanned() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
