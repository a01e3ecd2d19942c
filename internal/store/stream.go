package store

import "context"

// stream is a query that is read ahead of whoever takes its rows, so that two tables in
// the same order can be walked side by side.
type stream[T any] struct {
	slabs chan []T
	slab  []T
	err   error
}

// slabRows is how many rows are handed over at once.
const slabRows = 512

// open starts reading; rest must follow.
func open[T any](ctx context.Context, v *View, q *Q, scan func(cells, *T), args ...any) *stream[T] {
	s := &stream[T]{slabs: make(chan []T, 4)}
	go func() {
		defer close(s.slabs)
		slab := make([]T, 0, slabRows)
		hand := func() error {
			select {
			case s.slabs <- slab:
				slab = make([]T, 0, slabRows)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		s.err = v.look(ctx, q, func(c cells) error {
			slab = append(slab, *new(T))
			scan(c, &slab[len(slab)-1])
			if len(slab) < slabRows {
				return nil
			}
			return hand()
		}, args...)
		if s.err == nil {
			s.err = hand()
		}
	}()
	return s
}

// next gives the row at the front without taking it; nil at the end, or where reading
// failed, which err tells.
func (s *stream[T]) next() *T {
	for len(s.slab) == 0 {
		slab, ok := <-s.slabs
		if !ok {
			return nil
		}
		s.slab = slab
	}
	return &s.slab[0]
}

// take moves on.
func (s *stream[T]) take() { s.slab = s.slab[1:] }

// rest leaves what nobody took, and tells whether all could be read.
func (s *stream[T]) rest() error {
	for s.next() != nil {
		s.slab = nil
	}
	return s.err
}
