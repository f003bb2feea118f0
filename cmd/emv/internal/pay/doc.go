// Package pay takes one payment with a simulated card at a demonstration terminal and gives an account of it: what the
// display showed, what the issuer made of the cryptogram, and the receipt.
//
// Everything but card and issuer is what a real terminal runs: the country's profile, the entry point and its kernels,
// the contact kernel, the rules of the stripe.
package pay
