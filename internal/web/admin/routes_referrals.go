package admin

// referralRoutes are who sent whom, and what is to be decided about it.
var referralRoutes = []route{}
