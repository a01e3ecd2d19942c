package imports

import (
	"bytes"
	"encoding/csv"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"cagnotte/internal/loyalty"
)

// Peek is what a file looks like when it is read in a certain way: its columns and first rows.
type Peek struct {
	Headers []string
	Rows    [][]string
	Wrong   *loyalty.Problem // it cannot be read so; nil: it can
}

// peekRows is how many rows are shown before anything is decided.
const peekRows = 6

// Separators and Encodings list what a file may be read with.
func Separators() []string { return slices.Clone(choices["separator"]) }

// Encodings lists the encodings that a file may be in.
func Encodings() []string { return encodings() }

// Roles lists what a column of a kind of file may be for.
func Roles(reads string) []string {
	return slices.DeleteFunc(slices.Clone(roles[reads]), func(r string) bool { return r == "type" })
}

// Needed lists what a file of a kind must have a column for; one of each list is enough.
func Needed(reads string, perOrder bool) [][]string {
	return required(&Mapping{Reads: reads, PerOrder: perOrder})
}

// peek reads the header and the first rows.
func peek(file []byte, separator, encoding string, rows int) Peek {
	m := Mapping{Separator: signs[separator], Encoding: encoding}
	var p Peek
	wrong := func(err error) Peek {
		if x, ok := problemOf(err); ok {
			p.Wrong = x
		} else {
			p.Wrong = &loyalty.Problem{Kind: loyalty.ErrInvalid, Field: "file", Code: "unreadable_csv"}
		}
		return p
	}
	t, err := open(bytes.NewReader(file), &m)
	if err != nil {
		return wrong(err)
	}
	p.Headers = t.headers
	for len(p.Rows) < rows {
		code, err := t.next()
		if err == io.EOF {
			return p
		}
		if err != nil {
			return wrong(err)
		}
		if code == UnreadableCSV {
			continue
		}
		p.Rows = append(p.Rows, slices.Clone(t.cells))
	}
	return p
}

// nationals are the letters that texts of our countries are made of, beside those of ASCII.
const nationals = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻéèêëàâçîïôûùœÉÈÊÀÂÇÎÔÛŒäöüßÄÖÜ€’“”„–—«»°"

// encodingOf proposes the encoding of a text: UTF-8 where it is valid, else the one in which it has
// most letters that our languages know. It is shown with the first rows, and can be changed.
func encodingOf(text []byte) string {
	for cut := 0; cut < utf8.UTFMax && cut <= len(text); cut++ { // the end may be within a letter
		if utf8.Valid(text[:len(text)-cut]) {
			return utf8Name
		}
	}
	best, most := "windows-1252", -1<<31
	for _, c := range []string{"windows-1252", "windows-1250", "iso-8859-2"} {
		if n := familiar(text, charmapOf(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func charmapOf(name string) *charmap.Charmap {
	for _, c := range charmaps {
		if c.name == name {
			return c.of
		}
	}
	return nil
}

// familiar counts letters that our languages know, less those that they do not.
func familiar(text []byte, of *charmap.Charmap) (n int) {
	for _, b := range text {
		if b < utf8.RuneSelf {
			continue
		}
		switch r := of.DecodeByte(b); {
		case r == utf8.RuneError || r >= 0x80 && r <= 0x9f:
			n -= 100
		case strings.ContainsRune(nationals, r):
			n++
		default:
			n -= 2
		}
	}
	return n
}

// separatorOf proposes what stands between cells: what cuts the first rows into the most columns,
// the same in each.
func separatorOf(text []byte) string {
	best, most := "comma", 0
	for _, name := range choices["separator"] {
		r := csv.NewReader(bytes.NewReader(text))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes = signs[name], -1, true
		columns, same := 0, 0
		for n := range 20 {
			row, err := r.Read()
			if err != nil {
				break
			}
			if n == 0 {
				columns = len(row)
			}
			if len(row) == columns {
				same++
			}
		}
		if columns > 1 && columns*same > most {
			best, most = name, columns*same
		}
	}
	return best
}

// alias are further names of columns, as people write them; without accents, spaces and signs.
var alias = map[string]string{
	"number": "membernumber cardnumber card numero numeroclient carte numerodecarte numer numerkarty karta nrkarty",
	"email":  "mail emailaddress adressemail courriel adresemail", "phone": "telephone tel mobile portable telefon komorka",
	"external id": "externalid customerid idclient idklienta", "first name": "firstname prenom imie",
	"last name": "lastname surname nom nazwisko", "locale": "language langue jezyk", "birthday": "birthdate datedenaissance anniversaire dataurodzenia urodziny",
	"group": "groupe grupa", "tags": "etiquettes etykiety", "joined": "joinedat registered inscritle clientdepuis membredepuis dolaczyl od membersince inscription dateinscription datadolaczenia datarejestracji",
	"order": "orderid ordernumber invoice commande numerodecommande zamowienie numerzamowienia paragon", "date": "day createdat datecommande data",
	"article": "sku product produit reference towar produkt", "quantity": "qty quantite ilosc", "unit price": "price unitprice prix prixunitaire cena",
	"amount": "total montant kwota wartosc razem", "category": "categorie kategoria dzial", "currency": "devise waluta", "site": "store magasin sklep",
	"refund of": "refundof parentid", "unit": "unite jednostka", "expires": "expiry expiresat expiration wygasa", "opens": "opensat", "entry": "ecriture wpis",
	"origin": "origine pochodzenie", "referrer number": "referrernumber referrer parrain numeroparrain polecajacy", "friend number": "friendnumber friend filleul numerofilleul polecony",
	"referrer email": "referreremail emailparrain emailpolecajacego", "friend email": "friendemail emailfilleul emailpoleconego",
	"member number": "membernumber number numero numeroclient carte karta card numer nrkarty", "member email": "memberemail email mail courriel",
	"member external id": "memberexternalid externalid customerid idclient", "member phone": "memberphone phone telephone telefon",
}

// plainWord is a header without accents, capitals, spaces and signs.
func plainWord(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(loyalty.Fold(s)) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// columnsOf proposes what the columns of a file are for, by their names.
func columnsOf(reads string, headers []string) map[string]string {
	out, taken := map[string]string{}, map[string]bool{}
	for _, exact := range []bool{true, false} {
		for _, role := range Roles(reads) {
			for _, h := range headers {
				word := plainWord(h)
				hit := word == plainWord(role) || !exact && slices.Contains(strings.Fields(alias[role]), word)
				if hit && word != "" && !taken[h] && out[role] == "" && mappable(h) {
					out[role], taken[h] = h, true
				}
			}
		}
	}
	if out["unit price"] != "" && out["amount"] != "" {
		delete(out, "unit price")
	}
	return out
}

// mappable tells whether a mapping can name a column: it must stand in a line.
func mappable(h string) bool {
	return h != "" && len(h) <= shown && !strings.ContainsAny(h, "\r\n") && !strings.HasPrefix(h, `"`) && !slices.Contains(rejectedColumns, h)
}

var (
	commaNumber = regexp.MustCompile(`^-?\d[\d\s.]*,\d{1,2}$`)
	pointsDay   = regexp.MustCompile(`^\d{1,2}\.\d{1,2}\.\d{4}`)
	slashDay    = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/\d{4}`)
)

// DateForms are the ways to write days, by name, with the forms of a mapping.
var dateForms = map[string][]string{
	"iso": {"iso"}, "points": {"DD.MM.YYYY", "D.M.YYYY", "DD.MM.YYYY hh:mm", "DD.MM.YYYY hh:mm:ss"},
	"slashes": {"DD/MM/YYYY", "D/M/YYYY", "DD/MM/YYYY hh:mm", "DD/MM/YYYY hh:mm:ss"},
	"months":  {"MM/DD/YYYY", "M/D/YYYY", "MM/DD/YYYY hh:mm", "M/D/YYYY hh:mm"},
}

// DateForms lists the names of the ways to write days.
func DateForms() []string { return slices.Sorted(maps.Keys(dateForms)) }

// formsOf proposes how a file writes numbers and days.
func formsOf(rows [][]string) (decimal, dates string) {
	decimal, dates = "point", "iso"
	for _, row := range rows {
		for _, c := range row {
			c = strings.TrimSpace(c)
			switch m := slashDay.FindStringSubmatch(c); {
			case commaNumber.MatchString(c):
				decimal = "comma"
			case pointsDay.MatchString(c):
				dates = "points"
			case m != nil && (m[2] > "12" && len(m[2]) == 2):
				dates = "months"
			case m != nil && dates == "iso":
				dates = "slashes"
			}
		}
	}
	return decimal, dates
}
