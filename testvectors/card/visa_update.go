package card

// command answers EXTERNAL AUTHENTICATE and issuer script commands, where the card takes issuer updates (C-3, 5.9). They
// come after a SELECT and without GET PROCESSING OPTIONS; the card still knows the cryptogram that they answer.
func (v *visa) command(c *Card, cmd *command) (response, bool, error) {
	if !v.update {
		return response{}, false, nil
	}
	switch {
	case cmd.cla == 0x00 && cmd.ins == insExternalAuthenticate:
		r, err := v.externalAuthenticate(c, cmd)
		return r, true, err
	case isScript(cmd):
		c.scripts = append(c.scripts, append([]byte{}, cmd.raw...))
		return status(swOK), true, nil
	}
	return response{}, false, nil
}

// isScript reports whether a command is one of Book 3, 6.5 that an issuer script may have, in secure messaging.
func isScript(cmd *command) bool {
	if cmd.cla != 0x84 && cmd.cla != 0x8C {
		return false
	}
	switch cmd.ins {
	case 0x16, // CARD BLOCK
		0x18, // APPLICATION UNBLOCK
		0x1E, // APPLICATION BLOCK
		0x24, // PIN CHANGE/UNBLOCK
		0xDA, // PUT DATA
		0xDC: // UPDATE RECORD
		return true
	}
	return false
}

// externalAuthenticate is issuer authentication (Book 3, 6.5.4): once for each cryptogram. When it succeeds, the funds for
// offline transactions are those of a new card again.
func (v *visa) externalAuthenticate(c *Card, cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case len(cmd.data) < 8 || len(cmd.data) > 16:
		return status(swWrongLength), nil
	case !c.last.open:
		return status(swConditions), nil
	}
	c.last.open = false
	ok, err := c.verifyIssuer(cmd.data)
	if err != nil {
		return response{}, err
	}
	if !ok {
		return status(swAuthFailed), nil
	}
	if limit := c.own.get(tagFundsLimit); len(limit) > 0 {
		c.own.set(tagFunds, limit)
	}
	return status(swOK), nil
}
