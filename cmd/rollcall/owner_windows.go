package main

import "os"

// sameOwner has nothing to do: a new file has the rights of its folder.
func sameOwner(*os.File, os.FileInfo) error { return nil }
