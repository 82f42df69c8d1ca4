// Package audit keeps the trail: who did what, where nobody can change it
// unseen.
package audit
