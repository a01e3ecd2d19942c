// Command cagnotte is the whole product in one program: the server, its tools for the
// operator, and the merchant's tests of programs. Each sub-command has a file of its own;
// serve.go is the only place where the parts are wired.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // shops live in zones, and the machine may have no zone files

	"github.com/alecthomas/kong"

	"cagnotte/internal/imports"
	"cagnotte/internal/office"
	"cagnotte/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// cli lists the sub-commands; its tags are their help.
type cli struct {
	Serve    serveCmd    `cmd:"" help:"Run the server."`
	Demo     demoCmd     `cmd:"" help:"Run a server with a shop full of demo data, and print its keys."`
	Shop     shopCmd     `cmd:"" help:"Make and list shops."`
	Staff    staffCmd    `cmd:"" help:"Let people into a shop's back office: invite them, or sign one in by a link."`
	Program  programCmd  `cmd:"" help:"Publish programs from text files, keep drafts of them, compare and print them."`
	Voucher  voucherCmd  `cmd:"" help:"Issue vouchers, and list them."`
	Outbox   outboxCmd   `cmd:"" help:"Read the messages of a shop: what was sent, what waits, what failed."`
	Messages messagesCmd `cmd:"" help:"Say whether a shop writes to its members of itself; switch it on or off."`
	Backtest backtestCmd `cmd:"" help:"Try programs over the orders of the past: what they would have cost and given."`
	Import   importCmd   `cmd:"" help:"Bring in what a shop has elsewhere: members, referrals, orders, balances, codes; or a whole shop."`
	Export   exportCmd   `cmd:"" help:"Write balances as CSV, or a whole shop into a folder."`
	Backup   backupCmd   `cmd:"" help:"Copy the database into a file, beside a running server."`
	Restore  restoreCmd  `cmd:"" help:"Make a database of a backup, in quarantine; or release it."`
	Doctor   doctorCmd   `cmd:"" help:"Look for what is wrong and say what to do; exit 1 when something is."`
	Verify   verifyCmd   `cmd:"" help:"Check every invariant of the ledger; exit 1 when one is broken."`
	Replay   replayCmd   `cmd:"" help:"Record all facts again into an empty database and compare the balances."`
	Story    storyCmd    `cmd:"" help:"Tell stories: readable tests of programs; exit 1 with the differences."`
	Openapi  openapiCmd  `cmd:"" help:"Print the OpenAPI document of the API."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// env is what a sub-command may use of its surroundings.
type env struct {
	ctx context.Context
	out io.Writer // results
	err io.Writer // progress, notices, errors
}

// errFailed is returned by a command that has said itself what is wrong.
var errFailed = errors.New("failed")

type exit int

// run is the program without its process: arguments in, exit code out.
func run(ctx context.Context, args []string, out, errs io.Writer) (code int) {
	var c cli
	lists := kong.Vars{"mappings": strings.Join(imports.Mappings(imports.ReadsOrders), ", "), "scopes": strings.Join(office.ShopScopes, ",")}
	parser, err := kong.New(&c, kong.Name("cagnotte"), kong.Description("Referral and loyalty software that a shop runs itself."),
		kong.UsageOnError(), lists, kong.Writers(out, errs), kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		fmt.Fprintln(errs, "cagnotte:", err)
		return 2
	}
	defer func() { // kong ends by exiting after --help
		switch p := recover().(type) {
		case nil:
		case exit:
			code = int(p)
		default:
			panic(p)
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errs, "cagnotte: %v\nTry: cagnotte --help\n", err)
		return 2
	}
	switch err := k.Run(&env{ctx, out, errs}); {
	case err == nil:
		return 0
	case errors.Is(err, errFailed):
		return 1
	default:
		fmt.Fprintln(errs, "cagnotte:", explain(err))
		return 1
	}
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.out, version.Version)
	return err
}
