package admin_test

// cardRows belong to mayOpen.
var cardRows = map[string]string{}
