// Package version says which build this is. It imports nothing and is read by the command
// line, the pages and the doctor.
package version

// Version is set by the build from the repository's tags (see the Makefile); a plain
// `go build` leaves "dev".
var Version = "dev"
