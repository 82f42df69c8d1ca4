package web

import (
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// Demo makes Partner Center misbehave, so that every state can be seen. It
// exists in `rollcall demo` only.
type Demo interface {
	Faults() []DemoFault           // all there are, with what is on
	SetFaults(names []string) bool // turns these on and all others off. False: there is no such fault
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

// setFaults answers POST /demo/faults: what is ticked is on; with clear
// nothing is, whatever is ticked.
func (s *server) setFaults(c echo.Context) error {
	form, err := c.FormParams()
	if form.Has("clear") {
		form.Del("fault")
	}
	if err != nil || !s.demo.SetFaults(form["fault"]) {
		return badRequest("There is no such fault.", "Choose among those of the menu.")
	}
	return backTo(c, customersPath)
}
