package assets

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// leading finds the class with which a selector of a style sheet begins.
var leading = regexp.MustCompile(`^\.([a-z][a-z0-9-]*)`)

// The screens share one style sheet made of a file per room. A class that two rooms
// style each in its own way breaks one of them unseen (the list of members once stood crooked
// because the member's card had named something alike), so a class belongs to one
// room, or to admin.css, where the words that all rooms share are.
func TestAClassBelongsToOneRoom(t *testing.T) {
	const rooms = "../../../frontend/admin"
	files, err := filepath.Glob(filepath.Join(rooms, "*.css"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d sheets in %s: %v", len(files), rooms, err)
	}
	shared := classesOf(t, rooms+".css")
	homes := map[string][]string{}
	for _, f := range files {
		for _, class := range classesOf(t, f) {
			if !slices.Contains(shared, class) {
				homes[class] = append(homes[class], filepath.Base(f))
			}
		}
	}
	if len(homes) < 50 {
		t.Fatalf("only %d classes found: the sheets are no longer read", len(homes))
	}
	for class, rooms := range homes {
		if len(rooms) > 1 {
			t.Errorf(".%s is styled in %s: give one of them a name of its own, or move what they share to admin.css", class, strings.Join(rooms, " and "))
		}
	}
}

// classesOf lists, once each, the classes that begin a selector of a sheet.
func classesOf(t *testing.T, path string) []string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(raw), "")
	var found []string
	for _, head := range regexp.MustCompile(`[^{};]+\{`).FindAllString(text, -1) {
		for selector := range strings.SplitSeq(strings.TrimSuffix(head, "{"), ",") {
			if m := leading.FindStringSubmatch(strings.TrimSpace(selector)); m != nil {
				found = append(found, m[1])
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
