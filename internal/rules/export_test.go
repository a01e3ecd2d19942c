package rules

// Topic is what a sentence is about, for tests.
var Topic = topic
