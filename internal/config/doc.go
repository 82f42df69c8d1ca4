// Package config holds every setting once: flag, environment variable, default,
// help and check.
//
//	settings() ──► For(Serve) ──► AddFlags ──► Load ──► Config
//	     │                                        └───► every mistake, and what to write instead
//	     └──────► Markdown ──► docs/configuration.md
//
// What must never break: a value that Load returned has passed its check, and a
// secret has no flag, so it never stands in a list of processes.
//
// Start reading in settings.go: a new setting is one entry there.
package config
