package locale

import (
	"time"

	"cagnotte/internal/loyalty"
)

// FieldValue is a value in one of a shop's own fields, as people read it.
func (p *Printer) FieldValue(c *loyalty.CustomField, value string) string {
	switch c.Kind {
	case loyalty.FieldNumber:
		return p.plain(value)
	case loyalty.FieldDate:
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return p.date(day)
		}
	case loyalty.FieldYesNo:
		if value == "yes" || value == "no" {
			return p.say("own."+value, nil)
		}
	}
	return value
}
