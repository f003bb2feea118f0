package reader

// Held reports whether anything of a card is still kept: its number in the memory of a kernel, or a torn transaction.
func (r *Reader) Held() bool {
	return numberOf(r.online.Data()) != nil || numberOf(r.tap.Data()) != nil || numberOf(r.chip.Data()) != nil || numberOf(r.alone.Data()) != nil || numberOf(r.unsure.Data()) != nil || r.tornKept()
}
