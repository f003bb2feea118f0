package dock

import "github.com/cardwright/emv/terminal/wire"

// Scanner is the barcode scanner of the device. Open grabs it and Close lets go of all of it, descriptors included; both
// are called one at a time. Close of one that is not open does nothing.
type Scanner interface {
	Open() error
	Close() error
}

// Scan opens the scanner for whoever has a token; open already, it stays so. The errors are CodeSignedOut, wire.CodeUnsupported
// without a scanner, and that of the scanner, which is closed then. S86
func (s *Staff) Scan(t Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(t); err != nil {
		return err
	}
	if s.scanner == nil {
		return wire.Refuse(wire.CodeUnsupported, "the device has no scanner")
	}
	if s.scanning {
		return nil
	}
	s.scanning = true
	if err := s.scanner.Open(); err != nil {
		_ = s.closeScanner()
		return err
	}
	return nil
}

// StopScan closes the scanner. The errors are CodeSignedOut and that of the scanner.
func (s *Staff) StopScan(t Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(t); err != nil {
		return err
	}
	return s.closeScanner()
}

// Scanning reports whether the scanner is open.
func (s *Staff) Scanning() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scanning
}

func (s *Staff) closeScanner() error {
	if !s.scanning {
		return nil
	}
	s.scanning = false
	return s.scanner.Close()
}
