// Package oda is offline data authentication as all kernels share it (Book 3, 10.3; Book 2, 5 and 6): which static data
// are to be authenticated, finding the keys, and SDA, DDA, CDA and fDDA on the data objects of a transaction.
//
// The certificate formats are in crypto/cert; what a failure means for a transaction is the kernel's business. A failure
// is not an error but a Result whose Why names the first check that failed.
package oda
