package jcb

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
)

// actionDenial is the reason of kernel/action that ends a transaction before the card is asked.
const actionDenial = "action.denial"

// analyseAction is Terminal Action Analysis (C-5, 3.7). A denial ends EMV mode and Legacy mode without a cryptogram: the
// record of Declined holds the card number, which is how a refund gets it. In Mag-stripe mode the card is asked for an AAC.
func (t *transaction) analyseAction() kernel.Outcome {
	t.Step(stageAction, "C-5, 3.7")
	switch {
	case t.Transaction.Type == kernel.Refund: // C-5, 3.7.1
		return t.deny("c5.refund", "C-5, 3.7.1")
	case t.mode != emvMode:
		return t.analyseWithoutIssuer()
	}
	d := action.First(t.Env, t.Data, t.codes())
	if d.Why.Code == actionDenial { // C-5, 3.7.2
		return t.deny("c5.denial", "C-5, 3.7.2")
	}
	t.request = d.Request // C-5, 3.7.3
	if t.request == kernel.TC && !t.cda {
		return t.requestWithoutSignature()
	}
	return kernel.Outcome{}
}

// requestWithoutSignature is a TC that nobody could verify (C-5, 3.7.5). The book's own action codes never come to this: the
// bit "not performed" is in all of them. Codes of an acquirer may leave it out.
func (t *transaction) requestWithoutSignature() kernel.Outcome {
	t.request = kernel.ARQC
	if t.Data.TerminalType().OfflineOnly() {
		t.request = kernel.AAC
	}
	t.Note(stageAction, "c5.tc_without_signature", "C-5, 3.7.5")
	return kernel.Outcome{}
}

// analyseWithoutIssuer is the analysis in Legacy mode and Mag-stripe mode (C-5, 3.7.4): the card's action codes are not looked
// at, and those in their place ask for everything. Such a transaction always has a bit set, so it never stays offline.
func (t *transaction) analyseWithoutIssuer() kernel.Outcome {
	results := t.Data.Get(tagTVR)
	for i, c := range t.codes().Denial {
		if results[i]&c != 0 {
			return t.deny("c5.denial", "C-5, 3.7.4")
		}
	}
	if t.Data.TerminalType().OfflineOnly() {
		return t.deny("c5.offline_only", "C-5, 3.7.4")
	}
	t.request = kernel.ARQC
	return kernel.Outcome{}
}

func (t *transaction) deny(code, ref string) kernel.Outcome {
	t.request = kernel.AAC
	if t.mode == magstripeMode {
		t.Note(stageAction, code, ref)
		return kernel.Outcome{}
	}
	return t.declined(stageAction, code, ref)
}

// codes returns the Terminal Action Codes, each that is absent by its default (C-5, 3.7.2).
func (t *transaction) codes() action.Codes {
	c := t.options.TAC
	if c.Denial == nil {
		c.Denial = tacDenial[:]
	}
	if c.Online == nil {
		c.Online = tacOnline[:]
	}
	if c.Default == nil {
		c.Default = tacDefault[:]
	}
	return c
}
