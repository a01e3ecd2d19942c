package loyalty

import (
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/moment"
)

// ReceiptLine is one decision with the figures that led to it. Locale words it; what a
// member sees of it depends on his part.
type ReceiptLine struct {
	Program id.Program        `json:"program,omitzero"`
	Version int               `json:"version,omitempty"`
	Rule    string            `json:"rule,omitempty"`
	Part    Part              `json:"part,omitempty"`
	Member  id.Member         `json:"member,omitzero"`
	Outcome string            `json:"outcome"`
	Unit    ledger.Unit       `json:"unit,omitempty"`
	Amount  int64             `json:"amount,omitempty"`
	Code    Reason            `json:"code,omitempty"`
	Figures map[string]string `json:"figures,omitempty"` // plain text: "need" "20.00", "got" "19.99"
	Checks  []Condition       `json:"conditions,omitempty"`
	Voucher id.Voucher        `json:"voucher,omitzero"`
	Gift    string            `json:"gift,omitempty"`
	// Exchange says of an undone line that it gave the price of an exchange back.
	Exchange bool        `json:"exchange,omitempty"`
	At       moment.Time `json:"at,omitzero"` // the date that the line speaks of: opens, ended
}

// Condition is one condition of a rule, with the figures that decided it.
type Condition struct {
	Name  string `json:"name"`
	Holds bool   `json:"holds"`
	Need  string `json:"need,omitempty"`
	Got   string `json:"got,omitempty"`
}

// Receipt explains what one event led to.
type Receipt struct {
	Event  id.Event
	Member id.Member
	Lines  []ReceiptLine
}
