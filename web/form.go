package web

import (
	"errors"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"
)

// bodyLimit is the largest form that is read, in bytes.
const bodyLimit = 1 << 20

// readForm reads the form of a POST before anything acts on it. Left to the
// first look at a field, a form that is too large or broken would be one whose
// fields are all empty, and do what those ask for.
func readForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength > bodyLimit {
			return echo.ErrStatusRequestEntityTooLarge
		}
		r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, bodyLimit)
		if r.Method != http.MethodPost {
			return next(c)
		}
		kind, _, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)) // a bad one fails below
		err := r.ParseForm()
		if kind == echo.MIMEMultipartForm {
			err = errors.New("forms here are not multipart")
		}
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return echo.ErrStatusRequestEntityTooLarge
		}
		if err != nil {
			t := badRequest("The form could not be read.", "Go back and try again.")
			t.err = err
			return t
		}
		return next(c)
	}
}
