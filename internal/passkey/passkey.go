// Package passkey asks browsers for passkeys (WebAuthn, level 3) and checks what they answer.
// It knows no database, no members and no sessions: who calls it keeps credentials and
// challenges, and decides what an answer is good for.
//
// A Desk puts both together for one side: sealed tickets instead of stored challenges, and the problems
// that people are told.
//
// A ceremony has two halves. The first one (Register, Ask) makes the options for the browser
// and a challenge; the second one (Registered, Verify) checks the answer to that challenge. The
// caller sees to it that a challenge is answered once, soon, and by who was asked: nothing here
// remembers it.
package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// ErrAnswer is returned for an answer that is none, or not to this challenge, or not by this
// passkey. What exactly is wrong is for logs, not for who answered.
var ErrAnswer = errors.New("not the answer of this passkey")

// HandleBytes is how long the handle of an owner is: random, the same for all his passkeys, and
// nothing that names him, since devices keep it and show it to whoever asks.
const HandleBytes = 32

// Site is one origin that has passkeys. They work there alone.
type Site struct {
	name   string
	origin string
	domain string
}

// At is the site of an address such as https://club.example/p/shop, under the name that devices
// show; nil where browsers have no passkeys: on an IP address, and without TLS anywhere but on
// localhost.
func At(address, name string) *Site {
	at, err := url.Parse(address)
	if err != nil {
		return nil
	}
	domain := strings.ToLower(at.Hostname())
	local := domain == "localhost" || strings.HasSuffix(domain, ".localhost")
	if domain == "" || name == "" || at.Scheme != "https" && (at.Scheme != "http" || !local) {
		return nil
	}
	if _, err := netip.ParseAddr(domain); err == nil || protocol.ValidateRPID(domain) != nil {
		return nil
	}
	return &Site{name: name, origin: at.Scheme + "://" + strings.ToLower(at.Host), domain: domain}
}

// Owner is who gets a passkey.
type Owner struct {
	Handle []byte // HandleBytes random bytes
	Name   string // by which he finds it among others of this site
}

// Credential is a passkey as its owner's record. Text is JSON, to be kept whole and as it is:
// each use gives the next one.
type Credential struct {
	ID   []byte // as the browser names it; no two owners have the same
	Text []byte
}

// Register asks for a new passkey. known are the texts of those that the owner has: a device
// that has one of them makes no second one. options go to navigator.credentials.create.
func (s *Site) Register(o Owner, known ...[]byte) (options []byte, challenge string, err error) {
	w, err := s.party()
	if err != nil {
		return nil, "", err
	}
	have, err := descriptors(known)
	if err != nil {
		return nil, "", err
	}
	ask, session, err := w.BeginRegistration(&person{Owner: o}, webauthn.WithExclusions(have))
	if err != nil {
		return nil, "", fmt.Errorf("passkey: %w", err)
	}
	options, err = json.Marshal(ask)
	return options, session.Challenge, err
}

// Registered reads the answer to Register; ErrAnswer when it is none.
func (s *Site) Registered(o Owner, challenge string, answer []byte) (*Credential, error) {
	w, err := s.party()
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, wrong(err)
	}
	c, err := w.CreateCredential(&person{Owner: o}, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: s.domain, UserID: o.Handle, UserVerification: protocol.VerificationRequired,
		CredParams: webauthn.CredentialParametersDefault(),
	}, parsed)
	if err != nil {
		return nil, wrong(err)
	}
	return record(c)
}

// Ask asks for one of the passkeys whose texts are known, or, without any, for whichever the
// person picks who sits before the browser. options go to navigator.credentials.get.
func (s *Site) Ask(known ...[]byte) (options []byte, challenge string, err error) {
	w, err := s.party()
	if err != nil {
		return nil, "", err
	}
	have, err := descriptors(known)
	if err != nil {
		return nil, "", err
	}
	ask, session, err := w.BeginDiscoverableLogin(webauthn.WithAllowedCredentials(have))
	if err != nil {
		return nil, "", fmt.Errorf("passkey: %w", err)
	}
	options, err = json.Marshal(ask)
	return options, session.Challenge, err
}

// Named tells which passkey an answer to Ask says it comes from, and whose: nothing of it is
// shown yet. ErrAnswer when it is no answer. The handle may be empty where the passkey was
// asked for by name.
func Named(answer []byte) (credential, handle []byte, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, nil, wrong(err)
	}
	return parsed.RawID, parsed.Response.UserHandle, nil
}

// Verify checks an answer to Ask by the passkey with that text and its owner's handle, and gives
// the passkey's next text. ErrAnswer when something does not fit, when the person was not
// verified by the device, or when the passkey's counter went back, as that of a copy does.
func (s *Site) Verify(handle, text []byte, challenge string, answer []byte) (*Credential, error) {
	w, err := s.party()
	if err != nil {
		return nil, err
	}
	var c webauthn.Credential
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, wrong(err)
	}
	next, err := w.ValidateLogin(&person{Owner{Handle: handle}, c}, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: s.domain, UserID: handle, UserVerification: protocol.VerificationRequired,
	}, parsed)
	if err != nil {
		return nil, wrong(err)
	}
	if next.Authenticator.CloneWarning {
		return nil, fmt.Errorf("%w: its counter went back", ErrAnswer)
	}
	return record(next)
}

// party is the site in the words of the library. The person is always verified by his device:
// a passkey stands for two proofs, something that he has and something that he is or knows.
func (s *Site) party() (*webauthn.WebAuthn, error) {
	resident := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: s.domain, RPDisplayName: s.name, RPOrigins: []string{s.origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &resident, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return w, nil
}

// person is an owner in the words of the library, with the one passkey that is looked at.
type person struct {
	Owner
	credential webauthn.Credential
}

func (p *person) WebAuthnID() []byte          { return p.Handle }
func (p *person) WebAuthnName() string        { return p.Name }
func (p *person) WebAuthnDisplayName() string { return p.Name }
func (p *person) WebAuthnCredentials() []webauthn.Credential {
	return []webauthn.Credential{p.credential}
}

func descriptors(texts [][]byte) ([]protocol.CredentialDescriptor, error) {
	out := make([]protocol.CredentialDescriptor, len(texts))
	for i, text := range texts {
		var c webauthn.Credential
		if err := json.Unmarshal(text, &c); err != nil {
			return nil, fmt.Errorf("passkey: %w", err)
		}
		out[i] = c.Descriptor()
	}
	return out, nil
}

func record(c *webauthn.Credential) (*Credential, error) {
	text, err := json.Marshal(c)
	return &Credential{ID: c.ID, Text: text}, err
}

// wrong keeps what the library says of an answer; its own errors say little without details.
func wrong(err error) error {
	if e, ok := errors.AsType[*protocol.Error](err); ok {
		return fmt.Errorf("%w: %s %s", ErrAnswer, e.Details, e.DevInfo)
	}
	return fmt.Errorf("%w: %w", ErrAnswer, err)
}
