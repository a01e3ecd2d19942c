package loyalty

// Goals are what a shop has set itself, and what it wants to see of them.
type Goals struct {
	PerNew int64 `json:"per_new_customer,omitempty"` // what a new customer may cost, minor units; zero: nothing is said
	Ready  bool  `json:"ready,omitempty"`            // what is still to be set up is not to be shown any more
}
