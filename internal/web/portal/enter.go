package portal

import (
	"crypto/rand"
	"net/http"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/signin"
)

const (
	sessionCookie = "session"
	browserCookie = "browser" // binds a letter to the browser that asked for it
	wishCookie    = "wish"    // which letter this browser waits for
	fromCookie    = "from"    // whose link brought him
	sessionFor    = 30 * 24 * time.Hour
	letterFor     = 10 * time.Minute
)

// known finds who is signed in.
func (v *visit) known() error {
	x, err := v.SignIn.Session(v.ctx, v.shop.ID, v.kept(sessionCookie))
	if err != nil || x == nil {
		return err
	}
	m, err := v.People.Member(v.ctx, v.shop.ID, x.Member)
	if err != nil {
		return err
	}
	if !m.MergedInto.IsZero() { // he is somebody else by now
		if m, err = v.People.Member(v.ctx, v.shop.ID, m.MergedInto); err != nil {
			return err
		}
		x.Member = m.ID
	}
	v.member, v.session = m, x
	return nil
}

// askSignIn asks for an address.
func (v *visit) askSignIn() error {
	if v.member != nil {
		return v.redirect("/")
	}
	return v.show(http.StatusOK, signInPage(v, v.blank()))
}

// signIn takes the address and promises a letter, whoever it is.
func (v *visit) signIn() error {
	f, err := v.read("email")
	if err != nil {
		return err
	}
	return v.wish(f, nil, func() error { return v.show(http.StatusUnprocessableEntity, signInPage(v, f)) })
}

// wish asks for a letter to the address of a form.
func (v *visit) wish(f *form, j *signin.Joining, again func() error) error {
	if err := v.limit(); err != nil {
		return err
	}
	if f.values["email"] == "" {
		f.problem("email", "required")
		return again()
	}
	who, _, err := v.People.Who(people.Naming{Email: f.values["email"]}, "")
	if f.blame(err) {
		return again()
	}
	if err != nil {
		return err
	}
	if err := v.Limits.Letter(v.r, v.shop.ID, who.Keys[0].Key); err != nil {
		return err
	}
	browser := v.kept(browserCookie)
	if browser == "" {
		browser = rand.Text()
	}
	which, err := v.SignIn.Ask(v.ctx, v.shop.ID, signin.Asked{
		Email: f.values["email"], Key: who.Keys[0].Key, Locale: v.say.Tag(), Browser: browser, Joining: j,
	})
	if err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie(browserCookie, browser, 24*time.Hour))
	http.SetCookie(v.w, v.cookie(wishCookie, which.String(), letterFor))
	return v.redirect("/sign-in/code")
}

// limit lets one network ask for so many letters and try so many codes.
func (v *visit) limit() error { return v.Limits.Enter(v.r) }

// askCode waits for the code of the letter.
func (v *visit) askCode() error {
	if v.kept(wishCookie) == "" {
		return v.redirect("/sign-in")
	}
	return v.show(http.StatusOK, codePage(v, v.blank(), "/sign-in/code"))
}

// code takes the code of the letter.
func (v *visit) code() error {
	f, err := v.read("code")
	if err != nil {
		return err
	}
	which, err := id.Parse[id.SignInKind](v.kept(wishCookie))
	if err != nil {
		return v.redirect("/sign-in")
	}
	return v.answer(f, which, signin.Answer{Code: f.values["code"], Browser: v.kept(browserCookie)}, "/sign-in/code")
}

// linked is the page that a letter's link opens: a button, since machines open links, too.
func (v *visit) linked() error {
	return v.show(http.StatusOK, linkPage(v, v.blank(), v.r.URL.Path[len(v.prefix):], false))
}

// followed takes the press of that button.
func (v *visit) followed() error {
	f, err := v.read("code")
	if err != nil {
		return err
	}
	path := v.r.URL.Path[len(v.prefix):]
	which, err := id.Parse[id.SignInKind](v.r.PathValue("id"))
	if err != nil {
		f.problem("code", "sign_in_wrong")
		return v.show(http.StatusUnprocessableEntity, linkPage(v, f, path, false))
	}
	return v.answer(f, which, signin.Answer{Token: v.r.PathValue("token"), Code: f.values["code"], Browser: v.kept(browserCookie)}, path)
}

// answer lets in whose answer to a letter is right.
func (v *visit) answer(f *form, which id.SignIn, a signin.Answer, path string) error {
	if err := v.limit(); err != nil {
		return err
	}
	p, err := v.SignIn.Check(v.ctx, v.shop.ID, which, a)
	var secret string
	if err == nil {
		var m *people.Member
		if m, err = v.enrolled(p); err == nil {
			secret, err = v.SignIn.Open(v.ctx, v.shop.ID, which, m.ID)
		}
	}
	if f.blame(err) {
		if a.Token != "" {
			return v.show(http.StatusUnprocessableEntity, linkPage(v, f, path, true))
		}
		return v.show(http.StatusUnprocessableEntity, codePage(v, f, path))
	}
	if err != nil {
		return err
	}
	return v.in(secret)
}

// in gives the browser its session: a new one at every sign-in.
func (v *visit) in(secret string) error {
	if old := v.kept(sessionCookie); old != "" {
		if err := v.SignIn.Leave(v.ctx, v.shop.ID, old); err != nil {
			return err
		}
	}
	http.SetCookie(v.w, v.cookie(sessionCookie, secret, sessionFor))
	http.SetCookie(v.w, v.cookie(wishCookie, "", -time.Second))
	http.SetCookie(v.w, v.cookie(fromCookie, "", -time.Second))
	return v.redirect("/")
}

// enrolled is the member whose address a letter has shown to be his: he becomes one where he
// joins.
func (v *visit) enrolled(p *signin.Pending) (*people.Member, error) {
	who, _, err := v.People.Who(people.Naming{Email: p.Email}, "")
	if err != nil {
		return nil, err
	}
	m, err := v.People.Find(v.ctx, v.shop.ID, who)
	if err == nil && m.RegisteredAt != 0 || p.Joining == nil {
		return m, err
	}
	said, err := v.ownKept(p.Fields)
	if err != nil {
		return nil, err
	}
	e := people.Enrolment{
		Fact:   loyalty.Fact{Feed: "portal", ExternalID: "join-" + p.ID.String(), Via: "portal", Origin: loyalty.FromLive, Birthday: p.Birthday},
		Person: people.Naming{Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Locale: p.Locale, Visitor: p.Visitor, Fields: said},
	}
	if p.Referrer != "" {
		e.Referrer, e.Fact.Touch = people.Naming{Code: p.Referrer}, "link"
	}
	if m, err = v.join(e); err != nil {
		return nil, err
	}
	return m, v.Pages.Accept(v.ctx, v.shop.ID, m.ID, p.Accepts...)
}

// join enrols somebody and gives him a number of the shop's form.
func (v *visit) join(e people.Enrolment) (*people.Member, error) {
	got, err := v.People.Enrol(v.ctx, v.shop.ID, e)
	if err != nil {
		return nil, err
	}
	m, err := v.People.Member(v.ctx, v.shop.ID, got.Member)
	if err != nil || len(m.Numbers) > 0 {
		return m, err
	}
	if err := v.People.GiveNumber(v.ctx, v.shop.ID, m.ID, v.look.Numbers); err != nil {
		return nil, err
	}
	return v.People.Member(v.ctx, v.shop.ID, m.ID)
}

// askJoin asks who wants to be a member.
func (v *visit) askJoin() error {
	if v.member != nil {
		return v.redirect("/")
	}
	if friend := v.r.URL.Query().Get("r"); friend != "" && len(friend) <= 40 {
		http.SetCookie(v.w, v.cookie(fromCookie, friend, 24*time.Hour))
		return v.redirect("/join")
	}
	if err := v.mayJoin(); err != nil {
		return err
	}
	own, err := v.ownFields((*loyalty.CustomField).Asked)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, joinPage(v, v.blank(), own))
}

func (v *visit) mayJoin() error {
	if v.look.Join == loyalty.JoinClosed || v.look.Join == loyalty.JoinInvited && v.kept(fromCookie) == "" {
		return &loyalty.Problem{Kind: loyalty.ErrForbidden, Code: "joining_closed"}
	}
	return nil
}

// joins takes what somebody says of himself, and promises a letter.
func (v *visit) joins() error {
	if err := v.mayJoin(); err != nil {
		return err
	}
	own, err := v.ownFields((*loyalty.CustomField).Asked)
	if err != nil {
		return err
	}
	f, err := v.read(append(ownNames(own), "first_name", "last_name", "email", "birthday", "terms", "code")...)
	if err != nil {
		return err
	}
	again := func() error { return v.show(http.StatusUnprocessableEntity, joinPage(v, f, own)) }
	if f.values["first_name"] == "" {
		f.problem("first_name", "required")
	}
	day, ok := birthday(f.values["birthday"])
	if !ok {
		f.problem("birthday", "invalid_birthday")
	}
	said := v.readOwn(f, own, true)
	if f.values["terms"] != "yes" {
		f.problem("terms", "terms_needed")
	}
	if _, _, err := v.People.Who(people.Naming{FirstName: f.values["first_name"], LastName: f.values["last_name"]}, ""); err != nil && !f.blame(err) {
		return err
	}
	if !f.ok() {
		return again()
	}
	from := f.values["code"]
	if from == "" {
		from = v.kept(fromCookie)
	}
	return v.wish(f, &signin.Joining{
		FirstName: f.values["first_name"], LastName: f.values["last_name"], Birthday: day, Referrer: from, Visitor: v.visitor(),
		Accepts: v.joinsUnder(),
		Fields:  said.All(),
	}, again)
}

// birthday reads what a date field or people give: 1990-05-17, 17/05, 17.05.1990.
func birthday(s string) (day string, ok bool) {
	if s == "" {
		return "", true
	}
	for _, layout := range []string{"2006-01-02", "02/01/2006", "02.01.2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("01-02"), true
		}
	}
	for _, layout := range []string{"2006-02/01", "2006-02.01"} {
		if t, err := time.Parse(layout, "2000-"+s); err == nil {
			return t.Format("01-02"), true
		}
	}
	return "", false
}

// visitor is the browser as the shop's pages and a friend's page know it; empty when it
// agreed to nothing.
func (v *visit) visitor() string { return v.Invitations.VisitorOf(v.shop.ID, v.kept(visitorCookie)) }

// leave ends the session.
func (v *visit) leave() error {
	if err := v.SignIn.Leave(v.ctx, v.shop.ID, v.kept(sessionCookie)); err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie(sessionCookie, "", -time.Second))
	return v.redirect("/")
}

// signOn lets in whom the shop's own pages name by a signed token. He becomes a member
// where the shop lets everybody join.
func (v *visit) signOn() error {
	n, err := v.SignIn.Verify(v.ctx, v.shop, v.r.FormValue("token"))
	if err != nil {
		return err
	}
	who := people.Naming{ExternalID: n.ExternalID, Email: n.Email, FirstName: n.FirstName, LastName: n.LastName, Locale: n.Locale}
	keys, _, err := v.People.Who(who, "token")
	if err != nil {
		return err
	}
	m, err := v.People.Find(v.ctx, v.shop.ID, keys)
	if (err != nil || m.RegisteredAt == 0) && v.look.Join == loyalty.JoinOpen {
		m, err = v.join(people.Enrolment{
			Fact:   loyalty.Fact{Feed: "portal", ExternalID: "sign-on-" + n.ExternalID, Via: "portal", Origin: loyalty.FromLive},
			Person: who,
		})
	}
	if err != nil {
		return err
	}
	secret, err := v.SignIn.OpenNamed(v.ctx, v.shop.ID, n, m.ID)
	if err != nil {
		return err
	}
	return v.in(secret)
}
