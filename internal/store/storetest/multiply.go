package storetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// books are the tables of what facts lead to, in the order in which they are filled, with
// their columns: `@` is an id, which becomes another one in a copy, `+` a name, which gets
// a suffix; what stays is bytes `*`, text `=`, a number `#` (or none: `0`), true or false `?`.
var books = []struct{ table, columns string }{
	{"batches", "@id #recorded_at *digest"},
	{"members", "@id =state 0registered_at 0first_order_at #judged_to =judged_key #created_at"},
	{"events", "@id =feed +external_id =via =origin =kind @member_id @order_id #occurred_at #recorded_at #fold_at *digest =fact @batch_id"},
	{"orders", "@id =series +ref @member_id =state =currency 0paid_at #net ?imported =lines =returns"},
	{"rewards", "@id *program_id #version =rule @member_id +once =part +cause @from_member @event_id =unit #amount #taken #absorbed " +
		"#granted #basis #returned =state #given_at 0due_at =spent"},
	{"receipts", "@event_id @member_id =body"},
	{"timers", "@id #due_at =kind @member_id *program_id =rule +cause =state"},
	{"terms", "@member_id *program_id #version #since ?gone"},
	{"referrals", "@id @referrer_id @friend_id =origin =state =reason ?bond #touched_at #joined_at +order_name"},
	{"accounts", "@member_id =unit #balance #held #debt #earned #available 0available_until 0lapse_at"},
	{"lots", "@id @member_id =unit @reward_id +origin #amount #remaining #since 0opens_at 0expires_at"},
	{"transactions", "@id =kind @event_id @reward_id @reverses =actor #effective_at #recorded_at"},
	{"postings", "@txn_id #n @member_id =place =unit @lot_id #amount #effective_at"},
	{"vouchers", "@id +code @member_id @reward_id =kind =article #amount #uses_max #used #starts_at 0expires_at =state"},
	{"outbox", "@id =kind @member_id #rev @event_id =body"},
}

// kinds of columns as the database names them.
var kinds = map[byte]string{'@': "bytea", '*': "bytea", '+': "text", '=': "text", '#': "bigint", '0': "bigint", '?': "bool"}

type copying struct{ count, read, write *store.Q }

var copyings = func() map[string]copying {
	out := map[string]copying{}
	for _, b := range books {
		var names, rows, values []string
		for c := range strings.FieldsSeq(b.columns) {
			names, rows = append(names, c[1:]), append(rows, c[1:]+":"+kinds[c[0]])
			if c[0] == '0' {
				values = append(values, "NULLIF(r."+c[1:]+", 0)")
			} else {
				values = append(values, "r."+c[1:])
			}
		}
		out[b.table] = copying{
			store.New("storetest.count."+b.table, "SELECT COUNT(*) FROM "+b.table+" b WHERE b.shop_id = $1"),
			store.New("storetest.read."+b.table, "SELECT b."+strings.Join(names, ", b.")+" FROM "+b.table+" b WHERE b.shop_id = $1"),
			store.New("storetest.write."+b.table, "INSERT INTO "+b.table+" (shop_id, "+strings.Join(names, ", ")+
				") SELECT $1, "+strings.Join(values, ", ")+" FROM {{rows "+strings.Join(rows, ", ")+"}}"),
		}
	}
	return out
}()

// Rows counts the rows of a shop in every table of its book.
func Rows(t testing.TB, st *store.Store, shop loyalty.ShopID) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, b := range books {
		n := 0
		if err := st.Read(t.Context(), copyings[b.table].count, func(r store.Scanner) error { return r.Scan(&n) }, int64(shop)); err != nil {
			t.Fatal(err)
		}
		out[b.table] = n
	}
	return out
}

// Multiply adds n copies of a shop's book to it: every row again under other ids, with all
// that hangs together hanging together. So a book of millions keeps every invariant and
// takes seconds to make. Only a replay of it is false: facts say whom they mean in words,
// and the copies' words are the originals'.
func Multiply(t testing.TB, st *store.Store, shop loyalty.ShopID, n int) {
	t.Helper()
	originals := map[string]*columns{}
	for _, b := range books {
		c := &columns{list: strings.Fields(b.columns)}
		c.values = make([][]any, len(c.list))
		if err := st.Read(t.Context(), copyings[b.table].read, c.scan, int64(shop)); err != nil {
			t.Fatal(err)
		}
		originals[b.table] = c
	}
	for i := range n {
		err := st.Write(t.Context(), func(tx *store.Tx) error {
			for _, b := range books {
				c := originals[b.table]
				tx.Rows(copyings[b.table].write, len(c.values[0]), append([]any{int64(shop)}, c.copy(i)...)...)
			}
			return tx.Flush(context.WithoutCancel(t.Context()))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// columns are the rows of a table, column by column.
type columns struct {
	list   []string
	values [][]any
}

func (c *columns) scan(r store.Scanner) error {
	row, into := make([]any, len(c.list)), make([]any, len(c.list))
	for i := range row {
		into[i] = &row[i]
	}
	if err := r.Scan(into...); err != nil {
		return err
	}
	for i, v := range row {
		if b, ok := v.([]byte); ok {
			v = bytes.Clone(b)
		}
		c.values[i] = append(c.values[i], v)
	}
	return nil
}

// copy gives the columns of the n-th copy. Its ids begin with bytes that stand for a time
// after all originals, so the copies lie behind one another as if shops had lived in turn.
func (c *columns) copy(n int) []any {
	out := make([]any, len(c.list))
	for i, spec := range c.list {
		switch spec[0] {
		case '@', '*':
			var col [][]byte
			for _, v := range c.values[i] {
				b, _ := v.([]byte)
				if spec[0] == '@' && !bytes.Equal(b, make([]byte, len(b))) {
					b = append([]byte{0xf0 + byte(n>>8), byte(n)}, b[2:]...)
				}
				col = append(col, b)
			}
			out[i] = col
		case '+', '=':
			var col []string
			for _, v := range c.values[i] {
				s := v.(string)
				if spec[0] == '+' {
					s = fmt.Sprint(s, "~", n)
				}
				col = append(col, s)
			}
			out[i] = col
		case '?':
			var col []bool
			for _, v := range c.values[i] {
				col = append(col, v == true || v == int64(1))
			}
			out[i] = col
		default:
			var col []int64
			for _, v := range c.values[i] {
				x, _ := v.(int64)
				col = append(col, x)
			}
			out[i] = col
		}
	}
	return out
}
