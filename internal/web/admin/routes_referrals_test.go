package admin_test

// referralsRows belong to mayOpen.
var referralsRows = map[string]string{}
