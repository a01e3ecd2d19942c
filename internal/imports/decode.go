package imports

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"cagnotte/internal/loyalty"
)

// utf8Name is the encoding of a mapping that says nothing about it.
const utf8Name = "utf-8"

// charmaps are the encodings of one byte a letter that a mapping may state.
var charmaps = []struct {
	name string
	of   *charmap.Charmap
}{
	{"windows-1250", charmap.Windows1250}, {"windows-1252", charmap.Windows1252}, {"iso-8859-2", charmap.ISO8859_2},
}

// encodings lists what a mapping may state.
func encodings() []string {
	out := []string{utf8Name}
	for _, c := range charmaps {
		out = append(out, c.name)
	}
	return out
}

// bom is what some programs put before a text in UTF-8.
const bom = "\ufeff"

// maxLine bounds a line of a file: what is longer is no table, or a packed file made to
// fill the memory.
const maxLine = 1 << 20

// text gives what a file says as UTF-8: unpacked where it is gzip, without a byte order
// mark, and checked against the encoding that the mapping states. An encoding is never
// guessed; what is not valid in it ends the reading with its place.
func text(src io.Reader, encoding string) (io.Reader, error) {
	b := bufio.NewReaderSize(src, 1<<16)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	c := &checked{src: b, encoding: encoding, line: 1}
	if head, _ := b.Peek(3); string(head) == bom {
		if encoding != utf8Name {
			return nil, c.wrong(0)
		}
		_, _ = b.Discard(3) // it was peeked at
	}
	for _, m := range charmaps {
		if m.name == encoding {
			return newDecoded(c, m.of), nil
		}
	}
	return c, nil
}

// checked passes a text through and holds it to what a text can be: UTF-8 where that is
// stated, no NUL, no endless line.
type checked struct {
	src      io.Reader
	encoding string
	line     int64  // of the next byte
	column   int    // bytes of that line before it
	part     []byte // the beginning of a letter whose rest has not come yet
}

// Read passes on what is valid.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	b := p[:n]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return 0, c.wrong(i, b...)
	}
	if c.encoding == utf8Name {
		if i := c.invalid(b); i >= 0 {
			return 0, c.wrong(i, b...)
		}
		if errors.Is(err, io.EOF) && len(c.part) > 0 {
			return 0, c.wrong(0)
		}
	}
	if c.pass(b); c.column > maxLine {
		return 0, loyalty.Invalid("file", "line_too_long", "line", strconv.FormatInt(c.line, 10), "max", strconv.Itoa(maxLine))
	}
	return n, err
}

// invalid finds the first byte that is no UTF-8; -1: there is none. A letter may begin in
// one reading and end in the next.
func (c *checked) invalid(b []byte) int {
	from := 0
	for len(c.part) > 0 && from < len(b) {
		c.part, from = append(c.part, b[from]), from+1
		if utf8.FullRune(c.part) {
			if r, size := utf8.DecodeRune(c.part); r == utf8.RuneError && size <= 1 {
				return from - 1
			}
			c.part = c.part[:0]
		}
	}
	if utf8.Valid(b[from:]) {
		return -1
	}
	for i := from; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r != utf8.RuneError || size > 1 {
			i += size
			continue
		}
		if !utf8.FullRune(b[i:]) {
			c.part = append(c.part[:0], b[i:]...)
			return -1
		}
		return i
	}
	return -1
}

// pass counts lines, so that a place can be named.
func (c *checked) pass(b []byte) {
	if last := bytes.LastIndexByte(b, '\n'); last >= 0 {
		c.line += int64(bytes.Count(b, []byte{'\n'}))
		c.column = len(b) - last - 1
		return
	}
	c.column += len(b)
}

// wrong says where the file is not in its encoding: i bytes after what was passed.
func (c *checked) wrong(i int, b ...byte) error {
	c.pass(b[:min(i, len(b))])
	return loyalty.Invalid("file", "not_in_this_encoding", "encoding", c.encoding, "line", strconv.FormatInt(c.line, 10),
		"byte", strconv.Itoa(c.column+1))
}

// decoded turns a text of one byte a letter into UTF-8.
type decoded struct {
	src     *checked
	letters [256][]byte // empty: the encoding has no letter there
	in      []byte
	out     []byte // decoded and not read yet
	err     error
}

func newDecoded(src *checked, of *charmap.Charmap) *decoded {
	d := &decoded{src: src, in: make([]byte, 1<<15)}
	for i := range d.letters {
		r := of.DecodeByte(byte(i))
		// The signs of 0x80 to 0x9f, where they are not letters, are in no text; they show
		// that the text is in another encoding.
		if r == utf8.RuneError || r >= 0x80 && r <= 0x9f {
			continue
		}
		d.letters[i] = utf8.AppendRune(nil, r)
	}
	return d
}

// Read gives what was decoded.
func (d *decoded) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		line, column := d.src.line, d.src.column
		n, err := d.src.Read(d.in)
		d.err = err
		for i, c := range d.in[:n] {
			l := d.letters[c]
			if len(l) == 0 {
				d.src.line, d.src.column = line, column
				d.out, d.err = nil, d.src.wrong(i, d.in[:n]...)
				return 0, d.err
			}
			d.out = append(d.out, l...)
		}
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}
