package main

import "cagnotte/internal/upkeep"

type doctorCmd struct{ place }

// Run looks at everything and says what to do; it changes nothing.
func (c *doctorCmd) Run(e *env) error {
	if err := c.existing(); err != nil {
		return err
	}
	p := &upkeep.Patient{Place: c.config(), Clock: wallTime}
	p.Box, p.KeyAt, p.NoKey = c.keyThere()
	list := upkeep.Doctor(e.ctx, p)
	if err := upkeep.TellFindings(e.out, list); err != nil {
		return err
	}
	if !upkeep.Healthy(list) {
		return errFailed
	}
	return nil
}
