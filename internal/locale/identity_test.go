package locale

import (
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
)

func TestAnIdentityReadsAsInRegisters(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	french := loyalty.Identity{
		Company: "Maison Lavande", Form: "SAS, 10 000 €", Address: "1 rue des Lilas,\n69001 Lyon\n", Email: "bonjour@lavande.example", Register: "RCS Lyon",
		SIREN: "356000000", VAT: "FR39356000000",
	}
	polish := loyalty.Identity{Company: "Żółty Żuraw sp. z o.o.", Address: "ul. Długa 1\n80-001 Gdańsk", Email: "a@zuraw.example", Phone: "+48 58 000 00 00", NIP: "7740001454", REGON: "610188201", KRS: "0000028860"}
	for _, x := range []struct {
		tag  string
		of   loyalty.Identity
		want string
	}{
		{"fr", french, "Maison Lavande, SAS, 10 000 €|1 rue des Lilas, 69001 Lyon|RCS Lyon · SIREN 356\u00a0000\u00a0000 · TVA FR39356000000|bonjour@lavande.example"},
		{"en", french, "Maison Lavande, SAS, 10 000 €|1 rue des Lilas, 69001 Lyon|RCS Lyon · SIREN 356\u00a0000\u00a0000 · VAT FR39356000000|bonjour@lavande.example"},
		{"pl", polish, "Żółty Żuraw sp. z o.o.|ul. Długa 1, 80-001 Gdańsk|NIP 774-000-14-54 · REGON 610188201 · KRS 0000028860|a@zuraw.example · +48 58 000 00 00"},
		{"pl", loyalty.Identity{}, ""},
	} {
		if got := strings.Join(c.Printer(x.tag, nil).Identity(&x.of), "|"); got != x.want {
			t.Errorf("%s: %q, want %q", x.tag, got, x.want)
		}
	}
}
