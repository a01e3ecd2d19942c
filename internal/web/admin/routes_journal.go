package admin

// journalRoutes are everything that happened, and why.
var journalRoutes = []route{}
