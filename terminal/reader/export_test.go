package reader

// Held reports whether anything of a card is still kept: its number in the memory of a kernel, or a torn transaction.
func (r *Reader) Held() bool {
	return numberOf(r.online.Data()) != "" || numberOf(r.tap.Data()) != "" || numberOf(r.chip.Data()) != "" || r.tornKept()
}
