package web

import (
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// Demo makes Partner Center misbehave, so that every state can be seen. It
// exists in `rollcall demo` only.
type Demo interface {
	Faults() []DemoFault       // all there are, with what is on
	SetFault(name string) bool // turns that one on and all others off; "" is none. False: no such fault
}

// DemoFault is one thing that can go wrong.
type DemoFault struct {
	Name, Label string
	On          bool
}

func (s *server) demoMenu() *views.DemoMenu {
	if s.demo == nil {
		return nil
	}
	menu := &views.DemoMenu{}
	for _, f := range s.demo.Faults() {
		menu.Faults = append(menu.Faults, views.DemoFault(f))
	}
	return menu
}

// setFault answers POST /demo/faults.
func (s *server) setFault(c echo.Context) error {
	if !s.demo.SetFault(c.FormValue("fault")) {
		return badRequest("There is no such fault.", "Choose one of the menu.")
	}
	return backTo(c, customersPath)
}
