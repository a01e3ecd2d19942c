package locale

import (
	"testing"

	"cagnotte/internal/loyalty"
)

// A shop's own name of points has the forms of its language, also what somebody gets one of.
func TestPointsHaveTheShopsName(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	names := loyalty.UnitNames{
		"pl": {"one": "gwiazdka", "few": "gwiazdki", "many": "gwiazdek", "other": "gwiazdki", "object": "gwiazdkę"},
		"fr": {"one": "étoile", "other": "étoiles"},
	}
	if err := names.Check(); err != nil {
		t.Fatal(err)
	}
	shop := &loyalty.Shop{Currency: "EUR", PointNames: names}
	for _, tt := range []struct {
		tag    string
		amount int64
		want   string
	}{
		{"pl", 1, "1 gwiazdka"}, {"pl", 3, "3 gwiazdki"}, {"pl", 5, "5 gwiazdek"}, {"pl", 22, "22 gwiazdki"},
		{"fr", 0, "0 étoile"}, {"fr", 1, "1 étoile"}, {"fr", 2, "2 étoiles"}, {"en", 2, "2 points"},
	} {
		if got := c.Printer(tt.tag, nil).For(shop).Units("points", tt.amount); got != tt.want {
			t.Errorf("%s %d: %q, want %q", tt.tag, tt.amount, got, tt.want)
		}
	}
	if got := c.Printer("pl", nil).For(shop).units("object", "points", 1); got != "1 gwiazdkę" {
		t.Errorf("what one gets: %q", got)
	}
	for tag, want := range map[string]string{"pl": "Gwiazdki", "fr": "Étoiles", "en": ""} {
		if got := c.Printer(tag, nil).For(shop).Points(); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	if (loyalty.UnitNames{"pl": {"one": "gwiazdka"}}).Check() == nil || (loyalty.UnitNames{"de": {"one": "Stern"}}).Check() == nil {
		t.Error("a name without its forms, or in a language that nobody speaks here, is taken")
	}
}
