//go:build unix

package store

import "golang.org/x/sys/unix"

// freeBytes is what an ordinary process may still write to the folder's disk.
func freeBytes(folder string) (int64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil
}
