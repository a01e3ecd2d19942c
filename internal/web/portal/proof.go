package portal

import "cagnotte/internal/loyalty"

// proof is what a member may show himself by who spends.
type proof struct {
	Wanted   bool // he has shown nothing in the last minutes
	None     bool // he has chosen nothing yet: only a till's code is left
	PIN, Key bool // which of the two he has
}

// proof tells what to ask of the member.
func (v *visit) proof() (p proof, err error) {
	if v.SignIn.Proven(v.session) {
		return p, nil
	}
	p.Wanted = true
	if p.PIN, err = v.SignIn.HasPIN(v.ctx, v.shop.ID, v.member.ID); err != nil {
		return p, err
	}
	if v.site() != nil {
		keys, err := v.SignIn.Passkeys(v.ctx, v.shop.ID, v.member.ID)
		if err != nil {
			return p, err
		}
		p.Key = len(keys) > 0
	}
	p.None = !p.PIN && !p.Key
	return p, nil
}

// askProof asks for one of the member's passkeys.
func (v *visit) askProof() error {
	at, err := v.here()
	if err != nil {
		return err
	}
	return v.options(v.SignIn.AskProof(v.ctx, v.shop.ID, at, v.session, v.kept(sessionCookie)))
}

// prove takes a second proof out of a form: a passkey, the code of a till, or the secret number.
func (v *visit) prove(f *form) error {
	if err := v.limit(); err != nil {
		return err
	}
	secret := v.kept(sessionCookie)
	switch {
	case f.values["passkey"] != "":
		at, err := v.here()
		if err != nil {
			return err
		}
		return v.SignIn.ProveByPasskey(v.ctx, v.shop.ID, at, v.session, secret, v.asked(), f.values["passkey"])
	case f.values["till"] != "":
		return v.SignIn.ProveByTill(v.ctx, v.shop.ID, v.session, secret, f.values["till"])
	}
	has, err := v.SignIn.HasPIN(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return err
	}
	if !has {
		return loyalty.Invalid("till", "proof_needed")
	}
	return v.SignIn.Prove(v.ctx, v.shop.ID, secret, v.session, f.values["pin"])
}
