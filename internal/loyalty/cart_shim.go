package loyalty

func (c *Cart) Check(s *Shop) error { return c.checkName() }
func (c *Cart) checkName() error {
	if err := text("cart.ref", c.Ref); err != nil {
		return err
	}
	return series("cart.series", c.Series)
}
func (c *Cart) Row() *OrderRow {
	o := &OrderRow{Series: c.Series, Ref: c.Ref}
	for _, l := range c.Lines {
		if l.Amount >= 0 {
			o.Lines = append(o.Lines, Line{SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: l.Amount, Attributes: l.Attributes})
		}
	}
	o.Back = make([]Back, len(o.Lines))
	return o
}
