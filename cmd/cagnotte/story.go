package main

import (
	"fmt"

	"cagnotte/internal/story"
	"cagnotte/internal/version"
	"cagnotte/internal/web/api"
)

type storyCmd struct {
	Run storyRunCmd `cmd:"" help:"Run stories; docs/stories.md has the format."`
}

type storyRunCmd struct {
	Files []string `arg:"" help:"Story files." type:"existingfile"`
}

// Run tells every story and prints the differences of those that end otherwise.
func (c *storyRunCmd) Run(e *env) error {
	passed, failed := 0, 0
	for _, name := range c.Files {
		report, err := tell(e, name)
		switch {
		case err != nil:
			failed++
			fmt.Fprintf(e.out, "%s: %v\n", name, err)
		case !report.Passed():
			failed++
			fmt.Fprintf(e.out, "%s\n%s\n", name, report)
		default:
			passed++
		}
	}
	fmt.Fprintf(e.out, "%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return errFailed
	}
	return nil
}

func tell(e *env, name string) (story.Report, error) {
	s, err := story.ReadFile(name)
	if err != nil {
		return story.Report{}, err
	}
	return story.Run(e.ctx, s, story.NewDecider(s.Shop))
}

type openapiCmd struct{}

// Run prints the document; it needs no database.
func (openapiCmd) Run(e *env) error {
	b, err := api.OpenAPI(version.Version)
	if err != nil {
		return err
	}
	_, err = e.out.Write(append(b, '\n'))
	return err
}
