package upkeep

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/store"
)

// A row is one line: an object with every column of its table by name, null where there is
// nothing. Text stands as it is, amounts and times as numbers, bytes in hexadecimal, and
// ids as the API writes them.

// idPrefixes are the columns that hold ids, with the prefix that the API gives them: by the
// name of the column, or of table and column where that says more. A column that is in
// neither form is written as bytes, which is as exact.
var idPrefixes = map[string]string{
	"member_id": "mem", "from_member": "mem", "merged_into": "mem", "referrer_id": "mem", "friend_id": "mem",
	"event_id": "evt", "order_id": "ord", "program_id": "prg", "reward_id": "rwd", "txn_id": "txn", "reverses": "txn",
	"lot_id": "lot", "voucher_id": "vch", "cart_id": "crt", "batch_id": "bat", "vouchers.batch_id": "vbt",

	"members.id": "mem", "events.id": "evt", "orders.id": "ord", "programs.id": "prg", "rewards.id": "rwd", "transactions.id": "txn",
	"lots.id": "lot", "vouchers.id": "vch", "voucher_batches.id": "vbt", "carts.id": "crt", "redemptions.id": "rdm",
	"referrals.id": "ref", "timers.id": "tmr", "outbox.id": "out", "batches.id": "bat", "keys.id": "key", "program_drafts.id": "drf",
	"messages.id": "msg", "invitations.id": "inv",
}

// idKind begins the kind of a column that holds ids, before their prefix.
const idKind = "id:"

// kindOf is how a column is written: text, number, bool, hex, or id: and a prefix.
func kindOf(t *store.Table, c store.Column) string {
	if c.Kind != store.KindBytes {
		return string(c.Kind)
	}
	for _, name := range []string{t.Name + "." + c.Name, c.Name} {
		if prefix := idPrefixes[name]; prefix != "" {
			return idKind + prefix
		}
	}
	return "hex"
}

// columnsOf says of a table what the manifest says of it.
func columnsOf(t *store.Table) []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name + " " + kindOf(t, c)
	}
	return out
}

// writer writes the rows of a table.
type rowWriter struct {
	names [][]byte // with what stands around them
	kinds []string
	line  []byte
}

func newRowWriter(t *store.Table) *rowWriter {
	w := &rowWriter{}
	for i, c := range t.Columns {
		before := ","
		if i == 0 {
			before = "{"
		}
		w.names = append(w.names, []byte(before+strconv.Quote(c.Name)+":"))
		w.kinds = append(w.kinds, kindOf(t, c))
	}
	return w
}

// row gives a row as a line; it is good until the next.
func (w *rowWriter) row(values []any) ([]byte, error) {
	w.line = w.line[:0]
	for i, v := range values {
		w.line = append(w.line, w.names[i]...)
		switch v := v.(type) {
		case nil:
			w.line = append(w.line, "null"...)
		case int64:
			w.line = strconv.AppendInt(w.line, v, 10)
		case bool:
			w.line = strconv.AppendBool(w.line, v)
		case string:
			if !utf8.ValidString(v) {
				return nil, errors.New("a text is not UTF-8")
			}
			b, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			w.line = append(w.line, b...)
		case []byte:
			text, ok := "", false
			if prefix, isID := strings.CutPrefix(w.kinds[i], idKind); isID {
				text, ok = id.Text(prefix, v)
			}
			if !ok {
				text = hex.EncodeToString(v)
			}
			w.line = append(w.line, '"')
			w.line = append(w.line, text...)
			w.line = append(w.line, '"')
		default:
			return nil, fmt.Errorf("a column holds %T", v)
		}
	}
	return append(w.line, '}', '\n'), nil
}

var errRow = errors.New("not a row of this table")

// readRow reads a line that a rowWriter wrote.
func readRow(t *store.Table, kinds []string, line []byte) ([]any, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil || len(fields) != len(t.Columns) {
		return nil, errRow
	}
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		raw, ok := fields[c.Name]
		if !ok {
			return nil, errRow
		}
		if string(raw) == "null" {
			continue
		}
		v, err := readValue(c.Kind, kinds[i], raw)
		if err != nil {
			return nil, errors.Join(errRow, err)
		}
		row[i] = v
	}
	return row, nil
}

func readValue(kind store.ColumnKind, written string, raw json.RawMessage) (any, error) {
	switch kind {
	case store.KindNumber:
		return strconv.ParseInt(string(raw), 10, 64)
	case store.KindBool:
		return strconv.ParseBool(string(raw))
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, err
	}
	if kind == store.KindText {
		return text, nil
	}
	if prefix, ok := strings.CutPrefix(written, idKind); ok && strings.Contains(text, "_") {
		return id.Bytes(prefix, text)
	}
	return hex.DecodeString(text)
}
