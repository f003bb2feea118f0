// Package profile sets a terminal up for a country. A profile is a data file: codes and languages, the brands and the
// applications that are accepted, their action codes and limits, kernel options, terminal capabilities, cardholder
// verification, tips, which of two networks is preferred, and what becomes of a chip card that is swiped. AU, CA, GB, IE
// and US come with the package; a sixth country is a file for Load. The README beside this file describes the format.
//
// The figures are for simulation. Each block of them says where it comes from and how well it is known; a terminal in the
// field has those of its acquirer, which are written in the same format.
//
//	p, err := profile.Builtin("CA")
//	config := p.Contactless(profile.Kernels()...)
//	config.Terminal = append(config.Terminal, merchant...)
//	reader, err := contactless.New(config, env, profile.Kernels()...)
//	slot, err := contact.New(p.Contact(), env, parties)
//	verdict, why := p.Fallback().Judge(situation)
//
// # A kernel
//
// The files name kernels by words: mastercard visa amex jcb discover unionpay kernel8 interac eftpos. Applications of a
// kernel that this build does not have stay in the data and are left out of configurations. A new kernel package joins
// with three things:
//
//  1. A line in kernels.go: {"amex", amex.Kernel, readAmex}. Profile.Contactless, Kernels and emv pay find it there.
//  2. A file amex.go with readAmex. It reads the "options" of a combination once, when the file is loaded, through the
//     methods of object (Flag, Number, bytes, texts, objects …), which note every fault with its path, and returns a
//     function that puts an *amex.Options into a combination each time a configuration is made. Limits are given to the
//     entry point before that; a kernel that has its own, as Kernel 2, takes them from *Limits and clears those of the
//     combination. What all combinations of a reader share comes from share.
//  3. What the data files do not have yet. They hold AIDs, limits, TTQ and data objects of all these kernels, and the
//     options that the README lists; an option that the reader does not ask for is refused as unknown from then on.
package profile
