package staff

import "slices"

// Role says what somebody of the staff may do.
type Role string

// Roles, the widest first.
const (
	Owner     Role = "owner"
	Marketing Role = "marketing"
	Support   Role = "support"
	Cashier   Role = "cashier"   // the till alone
	ReadOnly  Role = "read_only" // sees, and changes nothing
)

// Roles lists all of them.
var Roles = []Role{Owner, Marketing, Support, Cashier, ReadOnly}

// Right is one kind of thing that can be done in the back office.
type Right string

// Rights: a closed list. Each route asks for one.
const (
	Self     Right = "self"     // one's own account: everybody who is signed in
	See      Right = "see"      // everything that is no secret
	Export   Right = "export"   // take lists of persons away
	Members  Right = "members"  // add members, change, block, merge and tag them
	Value    Right = "value"    // give and take value by hand, override decisions
	Review   Right = "review"   // decide about flagged referrals, change who referred whom
	Draft    Right = "draft"    // write programs
	Publish  Right = "publish"  // let programs run, pause them
	Settings Right = "settings" // the shop, its keys
	People   Right = "people"   // who works here
	Till     Right = "till"     // serve customers at the till
)

// Rights lists all of them.
var Rights = []Right{Self, See, Export, Members, Value, Review, Draft, Publish, Settings, People, Till}

var rights = map[Role][]Right{
	Owner:     Rights,
	Marketing: {Self, See, Export, Members, Value, Review, Draft, Publish, Till},
	Support:   {Self, See, Members, Value, Review, Draft, Till},
	Cashier:   {Self, Till},
	ReadOnly:  {Self, See},
}

// May tells whether a role has a right; one that we do not know has none.
func (r Role) May(right Right) bool { return slices.Contains(rights[r], right) }

// Known tells whether there is such a role.
func (r Role) Known() bool { return slices.Contains(Roles, r) }
