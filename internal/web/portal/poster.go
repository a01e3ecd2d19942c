package portal

import (
	"net/http"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// poster is the picture of a program as members see it: its size is known before it comes, so that
// nothing on the page moves.
type poster struct {
	Path          string
	Width, Height string
	Alt           string
}

func posterOf(p programs.Picture) *poster {
	return &poster{
		Path: "/programs/" + p.Program.String() + "/" + p.Digest, Width: strconv.FormatInt(p.Width, 10), Height: strconv.FormatInt(p.Height, 10), Alt: p.Alt,
	}
}

// posters are the pictures of the programs that run now and that a test holds of, in the order of
// their making.
func (v *visit) posters(shown func(*programs.Program) bool) ([]*poster, error) {
	pictures, err := v.Programs.Pictures(v.ctx, v.shop.ID)
	if err != nil || len(pictures) == 0 {
		return nil, err
	}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	var out []*poster
	for i := range list {
		if x, has := pictures[list[i].ID]; has && list[i].State == programs.InForce && shown(&list[i]) {
			out = append(out, posterOf(x))
		}
	}
	return out, nil
}

// refers tells whether a program rewards recommending.
func refers(p *programs.Program) bool {
	return slices.ContainsFunc(p.Present().Document.Rules, func(r rules.Rule) bool { return r.Refer })
}

// posterFile sends a picture. Its address has its digest, so it never changes.
func (v *visit) posterFile() error {
	which, err := id.Parse[id.ProgramKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("digest", "picture_unknown")
	}
	b, kind, err := v.Programs.PictureBytes(v.ctx, v.shop.ID, which, v.r.PathValue("digest"))
	if err != nil {
		return err
	}
	return v.sendPicture(b, kind, forMembers)
}

// forMembers lets a member's browser keep what never changes, and nobody between.
const forMembers = "private, max-age=31536000, immutable"

// sendPicture sends a picture whose address has its digest.
func (v *visit) sendPicture(b []byte, kind, cache string) error {
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	v.w.Header().Set("Cache-Control", cache)
	v.w.Header().Set("X-Content-Type-Options", "nosniff")
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(b) // whoever went away has no use for an error
	return nil
}
