package admin_test

// programsRows belong to mayOpen.
var programsRows = map[string]string{}
