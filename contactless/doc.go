// Package contactless is the entry point of EMV contactless (Books A and B): pre-processing, protocol activation,
// combination selection, kernel activation and outcome processing. The kernels are in the folders below; each is
// handed to New as a value, and none of them knows another.
//
//	terminal, err := contactless.New(config, env, visa.Kernel)
//	outcome, err := terminal.Transact(ctx, reader, kernel.Transaction{Amount: 1250, Currency: 840})
//
// Book B, 3 draws four places where processing starts; the files of this package follow them:
//
//	Start A  preprocess.go   limits of every combination       Restart after the issuer's answer ──┐
//	   │                                                                                           │
//	Start B  activation.go   field on, one card  ◄───────────── Try Again, communication error ────┤
//	   │                                                                                           │
//	Start C  candidates.go   PPSE, candidate list ◄──────────── Select Next, SELECT failed ──┐     │
//	         selection.go    highest priority, SELECT                                        │     │
//	   │                                                                                     │     │
//	Start D  kernel.go       kernel activation ───► outcome.go  Outcome processing ──────────┴─────┘
//	                                                   │
//	                                                   └──► Final Outcome
package contactless
