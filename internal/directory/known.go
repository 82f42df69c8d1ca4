package directory

import "time"

// Known is what is held of a customer: numbers of users and of seats. Each is
// known only to a viewer who has a proof of its kind.
type Known struct {
	Users      int
	UsersPart  bool      // there are more users than were read
	UsersRead  time.Time // when the last of them was read; zero: none is held
	Owned      int       // seats, of all products
	Assigned   int
	SeatsKnown bool
}
