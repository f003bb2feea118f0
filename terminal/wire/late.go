package wire

// PaymentLate says that a payment is not paid though its final says so: the card had approved it without the host, the till
// had allowed that (Offline), and the host has refused it since. Nobody is charged. It is repeated on each connection until
// the till has stored it; the final stands as it is.
type PaymentLate struct {
	RequestID string `json:"request_id"`
	OrderRef  string `json:"order_ref"`
	HostCode  string `json:"host_code,omitempty"` // field 39 as the host sent it
	Total     int64  `json:"total"`               // that of the final, which is not paid
	Currency  string `json:"currency"`
}

// Check refuses what is outside the schema.
func (l *PaymentLate) Check() error {
	return first(requestID("request_id", l.RequestID), identifier("order_ref", l.OrderRef),
		optional(identifier, "host_code", l.HostCode), amount("total", l.Total), currency("currency", l.Currency))
}

// PaymentNoted says that the till has stored it.
type PaymentNoted struct {
	RequestID string `json:"request_id"`
}

// Check refuses what is outside the schema.
func (n *PaymentNoted) Check() error { return requestID("request_id", n.RequestID) }
