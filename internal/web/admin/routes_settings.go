package admin

// settingsRoutes are the shop's own settings.
var settingsRoutes = []route{}
