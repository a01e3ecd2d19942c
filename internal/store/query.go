package store

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// Q is one statement, written once for both engines and compiled when the program starts.
//
// `$N` are its scalar arguments. The macro `{{rows a:text, b:bigint}}` stands where a table
// may stand and gives it the name r: on PostgreSQL one statement takes all rows as arrays,
// on SQLite the same statement is prepared once and run for each row. Reads by key say
// `x.id {{in id:bytea}}` instead: any of the array on PostgreSQL, which can only be answered
// from an index, equal to the row's value on SQLite. With two of them PostgreSQL answers
// for every pairing, so the reader must not mind rows that it did not ask for. A SELECT that
// ends in {{not taken}} leaves out the rows that another transaction is about to take.
type Q struct {
	Name    string
	Text    string // as written, for the lints
	pg      string
	lite    string
	order   []int // which argument each ? of lite takes
	scalars int
	columns int
}

var (
	rowsMacro = regexp.MustCompile(`\{\{rows ([^}]*)\}\}`)
	inMacro   = regexp.MustCompile(`\{\{in (\w+):(\w+)\}\}`)
	dollar    = regexp.MustCompile(`\$(\d+)`)
	registry  []*Q
)

// New compiles a statement and enters it in the list that the tests prepare and explain
// on both engines. It is called from package variables only.
func New(name, text string) *Q {
	q := compile(name, text)
	registry = append(registry, q)
	return q
}

// compile is New for a statement about tables that are known when the database is open.
func compile(name, text string) *Q {
	q := &Q{Name: name, Text: text}
	for _, m := range dollar.FindAllStringSubmatch(text, -1) {
		var n int
		fmt.Sscan(m[1], &n)
		q.scalars = max(q.scalars, n)
	}
	pg, lite := postgres.words(text), lite.words(text)
	if m := rowsMacro.FindStringSubmatch(text); m != nil {
		var names, arrays, singles []string
		for col := range strings.SplitSeq(m[1], ",") {
			name, kind, _ := strings.Cut(strings.TrimSpace(col), ":")
			q.columns++
			arg := fmt.Sprintf("$%d", q.scalars+q.columns)
			names = append(names, name)
			arrays = append(arrays, arg+"::"+strings.TrimSpace(kind)+"[]")
			singles = append(singles, arg+" AS "+name)
		}
		pg = strings.Replace(pg, m[0], "unnest("+strings.Join(arrays, ", ")+") AS r("+strings.Join(names, ", ")+")", 1)
		lite = strings.Replace(lite, m[0], "(SELECT "+strings.Join(singles, ", ")+") AS r", 1)
	}
	for m := inMacro.FindStringSubmatch(pg); m != nil; m = inMacro.FindStringSubmatch(pg) {
		q.columns++
		arg := fmt.Sprintf("$%d", q.scalars+q.columns)
		pg = strings.Replace(pg, m[0], "= ANY("+arg+"::"+m[2]+"[])", 1)
		lite = strings.Replace(lite, m[0], "= "+arg, 1)
	}
	q.pg = pg
	q.lite, q.order = bare(lite)
	return q
}

// Queries lists every statement of the program.
func Queries() []*Q { return registry }

// bare rewrites $N to bare ? and notes the order of arguments: SQLite takes $N for a name
// and numbers it by first use, and binds it slowly. Quoted text and comments are skipped.
func bare(s string) (string, []int) {
	var (
		out   []byte
		order []int
	)
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\'' || c == '"':
			j := i + 1
			for j < len(s) && s[j] != c {
				j++
			}
			out = append(out, s[i:min(j+1, len(s))]...)
			i = j + 1
		case c == '-' && strings.HasPrefix(s[i:], "--"):
			for i < len(s) && s[i] != '\n' {
				i++
			}
		case c == '$' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
			n := 0
			for i++; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
				n = n*10 + int(s[i]-'0')
			}
			order = append(order, n-1)
			out = append(out, '?')
		default:
			out = append(out, c)
			i++
		}
	}
	return string(out), order
}

// Cols is the number of arguments that the statement takes.
func (q *Q) args() int { return q.scalars + q.columns }

// row picks the arguments of row i in SQLite's order.
func (q *Q) row(args []any, i int) []any {
	out := make([]any, len(q.order))
	for k, n := range q.order {
		if n < q.scalars {
			out[k] = args[n]
			continue
		}
		out[k] = at(args[n], i)
	}
	return out
}

func at(column any, i int) any {
	switch c := column.(type) {
	case []string:
		return c[i]
	case []int64:
		return c[i]
	case [][]byte:
		if c[i] == nil {
			return nil
		}
		return c[i]
	case []bool:
		return c[i]
	case []*string:
		return given(c[i])
	case []*int64:
		return given(c[i])
	case []*bool:
		return given(c[i])
	}
	panic(fmt.Sprintf("store: a column of %T", column))
}

// given is a value that may be missing.
func given[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// Prepare lets the engine read a statement without running it.
func (s *Store) Prepare(ctx context.Context, q *Q) error {
	text := q.pg
	if s.engine == lite {
		text = q.lite
	}
	st, err := s.reader.PrepareContext(ctx, text)
	if err != nil {
		return translate(err)
	}
	return st.Close()
}

// Plan tells how the engine would run a statement, one step a line, whatever its arguments.
func (s *Store) Plan(ctx context.Context, q *Q) ([]string, error) {
	conn, err := s.reader.Conn(ctx)
	if err != nil {
		return nil, translate(err)
	}
	defer conn.Close()
	steps, err := s.engine.plan(ctx, conn, q)
	return steps, wrapQuery(q, err)
}
