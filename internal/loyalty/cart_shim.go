package loyalty

func (c *Cart) Check(s *Shop) error { return c.checkName() }
func (c *Cart) checkName() error {
	if err := text("cart.ref", c.Ref); err != nil {
		return err
	}
	return series("cart.series", c.Series)
}
func (c *Cart) Row() *OrderRow { return &OrderRow{} }
