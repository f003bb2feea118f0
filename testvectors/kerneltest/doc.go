// Package kerneltest is the bench that every contactless kernel is tested on: simulated cards at a reader, the issuer's
// verdict, and what must hold of any kernel, whatever its book. A kernel's tests say with what terminal, with which cards
// and what comes out; the rest is here.
//
//	var bench = kerneltest.Bench{Terminal: shop, Tap: kernel.Transaction{Amount: 1250, Currency: 840}}
//
//	func TestEverySignedByte(t *testing.T) { bench.EverySignedByte(t, "visa-offline", card.CoverOffline, 500) }
//	func FuzzHostileCard(f *testing.F)     { bench.Hostile(f, []string{"visa-offline"}) }
package kerneltest
