// Package wallet tells what presented itself in a finished tap: a card or a device, which device, which wallet is most
// probably in it, whether its owner was verified on it, and what a token means for receipt and refund.
//
//	report := wallet.Examine(wallet.Tap{Kernel: kernel.Mastercard, Data: terminal.Data(), Record: outcome.Record})
//	if report.CDCVM == wallet.Done { … }
//	for _, e := range report.Evidence() { log.Print(e) }
//
// Nothing is claimed that the data do not show. Each answer stands on evidence: the object, its value where that may be
// shown, the rule, and how strong it is. Evidence that says something outweighs evidence that suggests it. Two pieces of
// the same strength that contradict each other leave the answer unknown, and both can be read. What a tap shows proves
// nothing by itself: data are as good as their authentication, which is the kernel's affair, and a wallet can only be
// named as well as its token requestor is known.
//
// # Layouts
//
// Each scheme has its own, in a file of its name:
//
//	Visa        Form Factor Indicator 9F6E, CTQ 9F6C with its signed copy in 9F69               C-3
//	Mastercard  Third Party Data 9F6E with Device Type, AIP byte 1 b2, DF4B, CVM Results 9F34   C-2, C-8
//	Amex        AIP byte 2 b7 and b6, Mobile CVM Results 9F71, capabilities 9F70                C-4
//	JCB         Cardholder Verification Status 9F50                                             C-5
//	Discover    Card Processing Requirements 9F71, verification results in 9F10                 C-6
//	UnionPay    CTQ 9F6C with its signed copy in 9F69                                           C-7
//	Interac     Form Factor Indicator 9F70                                                      Interac Flash
//
// 9F6E of JCB, Discover and UnionPay and 9F67 of Amex have layouts that are not public: they are left alone. Token
// Requestor ID 9F19, Payment Account Reference 9F24 and Last 4 Digits of PAN 9F25 are common to all (Book 3, Annex A).
package wallet
