// Package magstripe reads the tracks of a magnetic stripe as a reader gives them, and says when a swipe may stand in for a
// chip.
//
//	track 1  % B PAN ^ NAME ^ YYMM SSS discretionary ? LRC    ISO/IEC 7813, up to 79 characters
//	track 2  ; PAN = YYMM SSS discretionary ? LRC             ISO/IEC 7813, up to 40 characters
//	track 3  ; FF PAN = use and security data ? LRC           ISO 4909, up to 107 characters
//
// The sentinels must be there. The LRC, which most readers check and drop, is checked where there is one. Nothing that
// is read prints unmasked: Unmasked says so by name.
package magstripe
