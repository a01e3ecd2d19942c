package admin

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/imports"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/staff"
)

// importKinds are the kinds of files that this person may bring: balances are value.
func (v *visit) importKinds() []option {
	var out []option
	for _, k := range imports.Kinds {
		if k != imports.ReadsBalances || v.can(staff.Value) {
			out = append(out, option{k, v.t("admin.imports.kind." + k)})
		}
	}
	return out
}

// imports lists what was brought in.
func (v *visit) imports() error {
	list, err := v.Imports.Imports(v.ctx, v.shop.ID, 50)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, importsView(v, list))
}

func (v *visit) askImport() error {
	return v.show(http.StatusOK, newImportView(v, v.blank("reads", v.asked("reads"))))
}

// bringImport takes a file.
func (v *visit) bringImport() error {
	f, file, err := v.uploadFile("file", imports.MaxFile)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(v.importKinds(), func(o option) bool { return o.Value == f.get("reads") }) {
		f.problem("reads", "required")
	}
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, newImportView(v, f))
	}
	name := v.r.MultipartForm.File["file"][0].Filename
	which, err := v.Imports.Bring(v.ctx, v.shop.ID, imports.Brought{
		Once: v.me.ID.String() + " " + f.once(), Staff: v.me.ID, Actor: v.me.Name, Name: name, Reads: f.get("reads"), File: file,
	})
	if f.blame(err) {
		return v.show(http.StatusUnprocessableEntity, newImportView(v, f))
	}
	if err != nil {
		return err
	}
	v.note(which.String(), "reads", f.get("reads"), "bytes", strconv.Itoa(len(file)))
	return v.redirect("/imports/" + which.String())
}

// importAsked is the import of the address; one of value is there for who may give value.
func (v *visit) importAsked() (*imports.Import, error) {
	which, err := id.Parse[id.ImportKind](v.r.PathValue("id"))
	if err != nil {
		return nil, loyalty.NotFound("", "import_unknown")
	}
	i, err := v.Imports.Import(v.ctx, v.shop.ID, which)
	if err == nil && i.Reads == imports.ReadsBalances && !v.can(staff.Value) {
		return nil, loyalty.NotFound("", "import_unknown")
	}
	return i, err
}

// oneImport shows an import: what its columns mean while that is to be said, then how far it has come.
func (v *visit) oneImport() error {
	i, err := v.importAsked()
	if err != nil {
		return err
	}
	if v.mapping(i) {
		return v.showMapping(http.StatusOK, i, nil)
	}
	return v.show(http.StatusOK, importView(v, i))
}

// mapping tells whether it is to be said what the columns mean.
func (v *visit) mapping(i *imports.Import) bool {
	return i.State == "new" || i.State == "failed" && v.asked("change") != "" || i.State == "checked" && v.asked("change") != ""
}

// mapPage is a file that is being looked at.
type mapPage struct {
	I    *imports.Import
	Peek imports.Peek
	Fits []option              // built-in mappings
	Own  []loyalty.CustomField // the shop's own fields, of a file of members
	Home string                // the country of the shop, when files of this kind may name people by their phones
}

func (v *visit) showMapping(status int, i *imports.Import, f *form) error {
	separator, encoding := v.asked("separator"), v.asked("encoding")
	if f != nil {
		separator, encoding = f.get("separator"), f.get("encoding")
	}
	peek, s, err := v.Imports.Look(v.ctx, v.shop.ID, i, separator, encoding)
	if err != nil {
		return err
	}
	p := &mapPage{I: i, Peek: peek, Fits: []option{{"", v.t("admin.imports.as.own")}}}
	if slices.ContainsFunc(imports.Roles(i.Reads), func(role string) bool { return strings.HasSuffix(role, "phone") }) {
		look, err := v.Office.Portal(v.ctx, v.shop.ID)
		if err != nil {
			return err
		}
		p.Home = look.Country
	}
	for _, name := range imports.Mappings(i.Reads) {
		p.Fits = append(p.Fits, option{name, name})
	}
	if p.Own, err = v.importOwn(i); err != nil {
		return err
	}
	if f == nil {
		f = v.blank("as", s.As, "source", s.Source, "separator", s.Separator, "encoding", s.Encoding, "decimal", s.Decimal, "dates", s.Dates, "phones", s.Phones)
		if i.State == "new" { // the shop's customers are mostly from where it is
			f.values["phones"] = p.Home
		}
		if s.Whole {
			f.values["whole"] = "1"
		}
		if s.Reward {
			f.values["reward"] = "1"
		}
		for role, h := range s.Columns {
			f.values[fieldOf(role)] = h
		}
	}
	return v.show(status, mapView(v, p, f))
}

// importOwn are the shop's own fields that a file may have columns for.
func (v *visit) importOwn(i *imports.Import) ([]loyalty.CustomField, error) {
	if i.Reads != imports.ReadsMembers {
		return nil, nil
	}
	return v.People.CustomFields(v.ctx, v.shop.ID)
}

// fieldOf is the field of a form for a role of columns.
func fieldOf(role string) string { return strings.ReplaceAll(role, " ", "_") }

// columnOptions are the columns of a file.
func (p *mapPage) columnOptions(v *visit) []option {
	out := []option{{"", v.t("admin.imports.column.none")}}
	seen := map[string]bool{}
	for _, h := range p.Peek.Headers {
		if h != "" && !seen[h] {
			seen[h], out = true, append(out, option{h, h})
		}
	}
	return out
}

func (v *visit) optionsOf(prefix string, list []string) (out []option) {
	for _, x := range list {
		out = append(out, option{x, v.t(prefix + x)})
	}
	return out
}

// phoneOptions say whose the phone numbers are that stand without a country.
func (p *mapPage) phoneOptions(v *visit) []option {
	return []option{{p.Home, v.t("admin.imports.phones.shop", "Country", p.Home)}, {"", v.t("admin.imports.phones.none")}}
}

func encodingOptions() (out []option) {
	for _, x := range imports.Encodings() {
		out = append(out, option{x, strings.ToUpper(x)})
	}
	return out
}

// checkImport begins a dry run.
func (v *visit) checkImport() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	i, err := v.importAsked()
	if err != nil {
		return err
	}
	s := imports.Settings{
		As: f.get("as"), Source: f.get("source"), Separator: f.get("separator"), Encoding: f.get("encoding"), Decimal: f.get("decimal"), Dates: f.get("dates"), Phones: f.get("phones"),
		Whole: f.get("whole") != "", Reward: f.get("reward") != "" && v.can(staff.Value), Columns: map[string]string{}, Language: v.say.Tag(),
	}
	own, err := v.importOwn(i)
	if err != nil {
		return err
	}
	allRoles := imports.Roles(i.Reads)
	for _, c := range own {
		allRoles = append(allRoles, imports.OwnRole(c.Code))
	}
	for _, role := range allRoles {
		if h := f.get(fieldOf(role)); h != "" {
			s.Columns[role] = h
		}
	}
	err = v.Imports.Check(v.ctx, v.shop.ID, i.ID, s)
	if f.blame(err, "member number=member_number", "referrer number=referrer_number", "friend number=friend_number", "unit price=unit_price") && slices.Contains([]string{"new", "checked", "failed"}, i.State) {
		return v.showMapping(http.StatusUnprocessableEntity, i, f)
	}
	if err != nil {
		return err
	}
	v.note(i.ID.String(), "reads", i.Reads)
	return v.redirect("/imports/" + i.ID.String())
}

// turnImport does something with an import, and shows it.
func (v *visit) turnImport(do func(*imports.Import) error) error {
	i, err := v.importAsked()
	if err == nil {
		err = do(i)
	}
	if err != nil {
		return err
	}
	v.note(i.ID.String(), "reads", i.Reads)
	return v.redirect("/imports/" + i.ID.String())
}

func (v *visit) runImport() error {
	return v.turnImport(func(i *imports.Import) error {
		v.same = i.State != "checked"
		return v.Imports.Run(v.ctx, v.shop.ID, i.ID)
	})
}

func (v *visit) stopImport() error {
	return v.turnImport(func(i *imports.Import) error { return v.Imports.Stop(v.ctx, v.shop.ID, i.ID) })
}

func (v *visit) undoImport() error {
	return v.turnImport(func(i *imports.Import) error {
		v.same = i.State == "undoes"
		return v.Imports.Undo(v.ctx, v.shop.ID, i.ID)
	})
}

// refusedRows gives the file of rows that were not taken.
func (v *visit) refusedRows() error {
	i, err := v.importAsked()
	if err != nil {
		return err
	}
	b, err := v.Imports.RejectedRows(v.ctx, v.shop.ID, i.ID)
	if err != nil {
		return err
	}
	v.note(i.ID.String(), "rows", strconv.FormatInt(i.Summary.Refused, 10))
	v.status = http.StatusOK
	v.w.Header().Set("Content-Type", "text/csv")
	v.w.Header().Set("Content-Disposition", `attachment; filename="refused-`+i.ID.String()+`.csv"`)
	_, err = v.w.Write(b)
	return err
}

// importTag is the colour of a state.
func importTag(i *imports.Import) string {
	switch i.State {
	case "done", "checked":
		return "tag good"
	case "failed":
		return "tag bad"
	case "new", "stops", "stopped":
		return "tag warn"
	case "checks", "runs", "undoes":
		return "tag info"
	}
	return "tag"
}

// importFigure is one line of a summary.
type importFigure struct{ Name, Value string }

// importFigures are what came of an import, without what is 0.
func (v *visit) importFigures(s *imports.Summary, reads string) (out []importFigure) {
	add := func(key string, n int64) {
		if n != 0 {
			out = append(out, importFigure{v.t("admin.imports.n." + key), v.say.Number(n)})
		}
	}
	out = append(out, importFigure{v.t("admin.imports.n.lines"), v.say.Number(s.Lines)})
	add("joined", s.Joined)
	add("updated", s.Updated)
	add("labels", s.Labels)
	add("bonds", s.Bonds)
	add("orders", s.Orders)
	add("refunds", s.Refunds)
	add("guests", s.Guests)
	if reads == imports.ReadsOrders {
		out = append(out, importFigure{v.t("admin.imports.n.bought"), v.say.Money(s.Bought, v.shop.Currency)})
	}
	for _, u := range slices.Sorted(maps.Keys(s.Units)) {
		if m := s.Units[u]; m.Given != 0 || m.Taken != 0 {
			out = append(out, importFigure{v.t("admin.imports.n.given"), v.say.Units(ledger.Unit(u), m.Given)})
			if m.Taken != 0 {
				out = append(out, importFigure{v.t("admin.imports.n.taken"), v.say.Units(ledger.Unit(u), m.Taken)})
			}
		}
	}
	add("known", s.Duplicates)
	for _, why := range slices.Sorted(maps.Keys(s.Skipped)) {
		out = append(out, importFigure{v.t("admin.imports.skipped." + why), v.say.Number(s.Skipped[why])})
	}
	add("refused", s.Refused)
	add("undone", s.Undone)
	add("kept", s.Kept)
	return out
}

// refusedWhy says what of a row was refused, and why.
func (v *visit) refusedWhy(reads string, e imports.RowError) string {
	why := v.say.Problem(e.Problem())
	if role := e.Role(reads); role != "" {
		return v.t("admin.imports.about", "Column", v.t("admin.imports.role."+fieldOf(role)), "Why", why)
	}
	return why
}
