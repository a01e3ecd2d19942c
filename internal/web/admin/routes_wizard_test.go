package admin_test

// wizardRows belong to mayOpen.
var wizardRows = map[string]string{}
