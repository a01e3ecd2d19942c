-- +goose Up
-- The book is never changed and never cut: a correction is a new transaction. The rows of
-- a shop that was removed as a whole may go.
{{append_only transactions}}
{{append_only postings}}
