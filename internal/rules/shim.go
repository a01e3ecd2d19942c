package rules

func (c *Compiled) JudgeCart(k *Case) int     { return -1 }
func (c *Compiled) ChosenBy(name string) bool { return false }
