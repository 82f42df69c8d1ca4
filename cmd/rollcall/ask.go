package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// canAsk reports whether somebody sits at a terminal to answer.
func (p *program) canAsk() bool {
	if keyboard, ok := p.in.(interface{ Interactive() bool }); ok {
		return keyboard.Interactive()
	}
	file, ok := p.in.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// showPlan shows a person what is going to be done; a script has --dry-run.
func (p *program) showPlan(c *plannedChange) {
	if watched, _ := terminal(p.errOut); watched || p.canAsk() {
		fmt.Fprint(p.errOut, planText(c))
	}
}

// ask asks whether to go on; only y and yes are a yes.
func (p *program) ask(ctx context.Context, question string) error {
	fmt.Fprintf(p.errOut, "%s Type y to do it: ", visible(question))
	answer, err := p.line(ctx)
	if ctx.Err() != nil {
		fmt.Fprintln(p.errOut)
		return ctx.Err()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &problem{code: exitFailed, text: "Not confirmed. Nothing was changed."}
}

// line reads one line of what is typed, or until the context ends.
func (p *program) line(ctx context.Context) (string, error) {
	type typed struct {
		text string
		err  error
	}
	read := make(chan typed, 1)
	go func() {
		text, err := bufio.NewReader(io.LimitReader(p.in, 1<<10)).ReadString('\n')
		read <- typed{text, err}
	}()
	select {
	case t := <-read:
		return t.text, t.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// mostPassword is the longest password that Entra takes, in characters.
const mostPassword = 256

// passwordFromStdin reads a password: at a terminal without showing it, twice;
// else the first line.
func (p *program) passwordFromStdin() (partnercenter.Secret, error) {
	var text string
	if file, ok := p.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		var typed [2]string
		for i, prompt := range []string{"Password: ", "Again: "} {
			fmt.Fprint(p.errOut, prompt)
			line, err := term.ReadPassword(int(file.Fd()))
			fmt.Fprintln(p.errOut)
			if err != nil {
				return partnercenter.Secret{}, fmt.Errorf("reading the password: %w", err)
			}
			typed[i] = string(line)
		}
		if typed[0] != typed[1] {
			return partnercenter.Secret{}, misuse("The two passwords differ. Nothing was changed.")
		}
		text = typed[0]
	} else {
		line, err := bufio.NewReader(io.LimitReader(p.in, 4*mostPassword+2)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return partnercenter.Secret{}, fmt.Errorf("reading the password: %w", err)
		}
		text = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	}
	switch n := len([]rune(text)); {
	case n == 0:
		return partnercenter.Secret{}, misuse("--password-stdin: there is no password on stdin; pipe it in, or leave the flag out to have one made")
	case n > mostPassword:
		return partnercenter.Secret{}, misuse("--password-stdin: the password is longer than %d characters", mostPassword)
	}
	return partnercenter.NewSecret(text), nil
}
