package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/share"
)

// sharing is what the page of sharing shows.
type sharing struct {
	Link, Code, Text string
	Channels         []channel
	QR               string
	Snippets         []snippet
	Posters          []*poster // of the programs that reward recommending
}

// channel is one way to tell friends. Form is its address with a place for the message,
// which a script fills while the member types.
type channel struct {
	share.Channel
	Name, Icon, Form string
}

// snippet is a piece of the shop's own pages or mails that leads to this portal.
type snippet struct{ Title, Where, HTML string }

// channelIcons are our drawings for channels.
var channelIcons = map[string]string{"email": "mail", "sms": "send", "whatsapp": "chat", "telegram": "send", "messenger": "chat"}

// own gives the member's code and link; the problem `code_missing` when he has none yet.
func (v *visit) own() (code, link string, err error) {
	codes, err := v.People.Codes(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return "", "", err
	}
	return codes[0], v.look.Invite(codes[0]), nil
}

// sharePage helps the member to recommend the shop.
func (v *visit) sharePage() error {
	code, link, err := v.own()
	if err != nil {
		return err
	}
	x := sharing{Link: link, Code: code, Text: v.t("portal.share.text", "Shop", v.shop.Name)}
	x.Channels = v.channels(link, x.Text)
	if x.Posters, err = v.posters(refers); err != nil {
		return err
	}
	if x.QR, err = share.QRSVG(link, v.t("portal.share.qr", "Link", link)); err != nil {
		return err
	}
	return v.show(http.StatusOK, shareView(v, x))
}

// textHere stands where a script puts the member's message. Channels write it as %7Btext%7D.
const textHere = "{text}"

func (v *visit) channels(link, text string) []channel {
	subject := v.t("portal.share.subject", "Shop", v.shop.Name)
	plain := share.Channels(share.Post{URL: link, Text: text, Subject: subject})
	forms := share.Channels(share.Post{URL: link, Text: textHere, Subject: subject})
	out := make([]channel, len(plain))
	for i, c := range plain {
		out[i] = channel{Channel: c, Name: v.t("portal.channel." + c.Code), Icon: "globe"}
		if x := channelIcons[c.Code]; x != "" {
			out[i].Icon = x
		}
		if f := slices.IndexFunc(forms, func(f share.Channel) bool { return f.Code == c.Code && f.Touch == c.Touch }); f >= 0 && strings.Contains(forms[f].URL, "%7Btext%7D") {
			out[i].Form = forms[f].URL
		}
	}
	return out
}

// qrPNG is the code as a picture to print.
func (v *visit) qrPNG() error {
	code, link, err := v.own()
	if err != nil {
		return err
	}
	b, err := share.QRPNG(link, 1024)
	if err != nil {
		return err
	}
	return v.file("image/png", "qr-"+code+".png", b)
}

// leaflet is a page of A6 to hand over.
func (v *visit) leaflet() error {
	code, link, err := v.own()
	if err != nil {
		return err
	}
	b, err := share.Leaflet(share.LeafletText{
		Shop: v.shop.Name, Headline: v.t("portal.leaflet.headline", "Name", v.called()), Line: v.t("portal.leaflet.line", "Shop", v.shop.Name),
		URL: link, Link: strings.TrimPrefix(strings.TrimPrefix(link, "https://"), "http://"), CodeLabel: v.t("portal.leaflet.code"), Code: code,
		Terms: v.t("portal.leaflet.terms"), Imprint: strings.Join(v.say.Identity(&v.look.Legal), " · "), Lang: v.say.Tag(), Hue: v.look.Hue,
	})
	if err != nil {
		return err
	}
	return v.file("application/pdf", "invitation-"+code+".pdf", b)
}

func (v *visit) file(kind, name string, body []byte) error {
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	_, _ = v.w.Write(body) // a caller who is gone needs no answer
	return nil
}

// profile shows what the shop keeps of the member, and what he may change.
func (v *visit) profile() error { return v.showProfile(http.StatusOK, nil) }

// showProfile shows it; f is the form of the shop's own fields as it was sent, or nil.
func (v *visit) showProfile(status int, f *form) error {
	has, err := v.SignIn.HasPIN(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return err
	}
	keys, err := v.SignIn.Passkeys(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return err
	}
	agreed, err := v.agreements()
	if err != nil {
		return err
	}
	own, err := v.ownFields((*loyalty.CustomField).ForMember)
	if err != nil {
		return err
	}
	if f == nil {
		f = v.ownForm(own)
	}
	return v.show(status, profilePage(v, has, len(keys) > 0, agreed, f, own))
}

// askPIN asks for a new secret number.
func (v *visit) askPIN() error { return v.show(http.StatusOK, pinPage(v, v.blank())) }

// setPIN takes it.
func (v *visit) setPIN() error {
	f, err := v.read("pin", "again")
	if err != nil {
		return err
	}
	if f.values["pin"] != f.values["again"] {
		f.problem("again", "pins_differ")
	} else if err := v.SignIn.SetPIN(v.ctx, v.shop.ID, v.session, f.values["pin"]); err != nil && !f.blame(err) {
		return err
	}
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, pinPage(v, f))
	}
	return v.redirect("/profile")
}

// leaveOthers ends the member's other sessions.
func (v *visit) leaveOthers() error {
	if err := v.SignIn.LeaveOthers(v.ctx, v.shop.ID, v.member.ID, v.kept(sessionCookie)); err != nil {
		return err
	}
	return v.redirect("/profile")
}

// download gives the member what the shop knows of him, as a file that programs read.
func (v *visit) download() error {
	b, err := v.People.Export(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return err
	}
	return v.file("application/json", "data-"+v.called()+".json", b)
}
