package wallet

// unionpay reads UnionPay's layouts: the Card Transaction Qualifiers. What 9F6E says is not public.
func (x *examiner) unionpay() { x.qualifiers("C-7, Annex A") }
