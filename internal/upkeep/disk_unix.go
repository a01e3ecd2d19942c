//go:build linux || darwin || freebsd

package upkeep

import "syscall"

// freeDisk is how many bytes may still be written where a folder is.
func freeDisk(folder string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
