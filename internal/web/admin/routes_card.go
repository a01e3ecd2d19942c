package admin

// cardRoutes are the card of one member.
var cardRoutes = []route{}
