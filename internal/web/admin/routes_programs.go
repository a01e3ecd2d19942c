package admin

// programRoutes are the programs that run, and their versions.
var programRoutes = []route{}
