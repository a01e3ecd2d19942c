package locale

import (
	"maps"
	"strings"
)

// why puts the reason for which a text cannot be read into the language of its reader. It
// comes in English as `why`; with the key and the figures that stand beside it (`reason`,
// `a`, `b`, `c`) there are words for it.
func (p *Printer) why(args map[string]string) string {
	key := "why." + args["reason"]
	if !p.has(key) {
		return args["why"]
	}
	data := maps.Clone(args)
	for _, name := range []string{"a", "b", "c"} {
		data[strings.ToUpper(name)] = p.word(args[name])
	}
	return p.say(key, data)
}

// word is a figure that is itself a word of ours, such as "channel".
func (p *Printer) word(s string) string {
	if key := "why.word." + strings.ReplaceAll(s, " ", "_"); p.has(key) {
		return p.say(key, nil)
	}
	return s
}
