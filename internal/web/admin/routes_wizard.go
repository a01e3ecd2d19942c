package admin

// wizardRoutes lead through a program step by step.
var wizardRoutes = []route{}
