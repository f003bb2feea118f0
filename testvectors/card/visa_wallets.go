package card

import "slices"

// visaWallets lists the profiles of Visa's devices with a wallet that is known by its token requestor (C-3, Annex A: CTQ
// byte 2 b8 says that the owner was verified).
func visaWallets() []profile {
	verified := [2]byte{0x00, 0x80}
	methods := []bit{ctqDeviceCVM}
	var list []profile
	for _, d := range []struct {
		name, about, pan string
		scheme           visa
		wallet           walletText
	}{
		{"visa-applepay", "Apple Pay on a phone: its owner has verified always; CVN 18", "4761739001011075", visa{policy: verified}, visaApple},
		{"visa-googlepay", "Google Pay on a phone: its owner has verified where the reader asks for it; CVN 18", "4761739001011141", visa{}, visaGoogle},
		{"visa-samsungpay", "Samsung Pay on a phone: its owner has verified always; CVN 18", "4761739001011216", visa{policy: verified}, visaSamsung},
		{"visa-watch", "Apple Pay on a watch: verified since it was put on; CVN 18", "4761739001011281", visa{policy: verified}, visaAppleWatch},
		{"visa-phone-refuses", "visa-phone that takes part in no transaction: GET PROCESSING OPTIONS answers 6985", "4761739001011356", visa{refusal: swConditions}, visaGoogle},
	} {
		scheme := d.scheme
		scheme.auth, scheme.methods = dynamicAuthentication, methods
		list = append(list, profile{
			Profile: Profile{d.name, d.about}, scheme: &scheme, entries: phoneEntry(), authority: AuthorityLong, icc: "icc-visa-phone",
			data: visaData(d.pan, farOff, slices.Concat(
				[]text{{tagIAD, iadCVN18}, {tagFormFactor, d.wallet.formFactor}}, d.wallet.token())...),
		})
	}
	return list
}
