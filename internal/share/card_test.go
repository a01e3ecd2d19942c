package share

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLook(t *testing.T) {
	for n, in := range map[string]CardText{
		"a": {"Maison Lavande", "Camille vous offre 10\u202f%", "Sur votre première commande, jusqu’au 31\u00a0décembre.", 300},
		"b": {"Księgarnia Żółty Żuraw", "Zaproszenie od: Wołodymyr Świętosławski-Brzęczyszczykiewicz. 10 zł na pierwsze zakupy", "Ważne do 31 grudnia 2026 przy zamówieniu od 100 zł.", 60},
		"c": {"Les Petites Merveilles de la Boulangerie Saint-Honoré 🥐 et Fils", "Marie-Antoinette de La Rochefoucauld-Montbéliard vous offre une boîte de douze macarons à la pistache", "Pour toute première commande d’au moins 35 €, en boutique comme en ligne, et ce jusqu’au dimanche de Pâques.", 0},
		"d": {"Zoe", "10 zł dla Ciebie 🎁", "", 172},
	} {
		b, err := Card(in)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(n, len(b))
		os.WriteFile(filepath.Join("/tmp/share", n+".jpg"), b, 0o600)
	}
}
func BenchmarkCard(b *testing.B) {
	for b.Loop() {
		if _, err := Card(CardText{"Maison Lavande", "Camille vous offre 10 %", "Sur votre première commande.", 172}); err != nil {
			b.Fatal(err)
		}
	}
}
