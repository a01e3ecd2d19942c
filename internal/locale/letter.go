package locale

import "cagnotte/internal/loyalty"

// Letter words a part of a message to a person: "welcome.subject". Data are the values that
// it speaks of; each is a plain text and stays one, whatever it holds.
func (p *Printer) Letter(part string, data map[string]string) string {
	return p.say("letter."+part, data)
}

// LetterCounted is Letter for a part that speaks of a number of things.
func (p *Printer) LetterCounted(part, number string) string {
	return p.plural("letter."+part, number, map[string]string{"N": p.plain(number)})
}

// Thing words what a line of a receipt gives, as the object of a sentence: "10,00 €",
// "500 points", "un bon".
func (p *Printer) Thing(l loyalty.ReceiptLine) string { return p.object(l) }
