package staff

import (
	"encoding/base64"
	"encoding/json"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// keepFor is how long a form waits for somebody who has to sign in again.
const keepFor = 12 * moment.Hour

const maxKept = 64 << 10

type keptForm struct {
	Form  Form
	Until moment.Time
}

// Form is what somebody sent when his session was over: it waits, sealed, in the page that
// asks him to come in again.
type Form struct {
	Path   string
	Values map[string][]string
}

// Keep seals a form for a page; empty when it is too large to wait.
func (s *Staff) Keep(f Form) string {
	text, err := json.Marshal(keptForm{f, s.st.Clock() + keepFor})
	if err != nil || len(text) > maxKept {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(s.box.SealAlone(text))
}

// Kept opens what Keep sealed; the problem `form_gone` when it is not ours or too old.
func (s *Staff) Kept(sealed string) (Form, error) {
	gone := loyalty.Invalid("", "form_gone")
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return Form{}, gone
	}
	text, err := s.box.OpenAlone(raw)
	var k keptForm
	if err != nil || json.Unmarshal(text, &k) != nil || k.Until < s.st.Clock() {
		return Form{}, gone
	}
	return k.Form, nil
}
