//go:build bug_search

package store

import "os"

var searchBug = os.Getenv("CAGNOTTE_PLANTED")
