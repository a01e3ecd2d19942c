package admin_test

// journalRows belong to mayOpen.
var journalRows = map[string]string{}
