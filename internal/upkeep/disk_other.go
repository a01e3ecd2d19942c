//go:build !linux && !darwin && !freebsd

package upkeep

// freeDisk is not known on this system.
func freeDisk(string) (int64, error) { return 0, errNoDisk }
