// Package directory holds a partner's customers and their users in memory:
// it loads, proves, keeps fresh, searches, filters, sorts and pages.
package directory
