// Package emv is the root of cardwright, an EMV card-processing kernel and the terminal shell around it. It has no code of
// its own: start at package contactless for a terminal that takes taps, at kernel for what all kernels share, at
// tlv/dict for what data objects mean, and at docs/architecture.md for the way of one tap through the house.
package emv
