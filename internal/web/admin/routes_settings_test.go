package admin_test

// settingsRows belong to mayOpen.
var settingsRows = map[string]string{}
