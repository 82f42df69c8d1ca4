package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// newServer is an HTTP server with the limits of every one of ours.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// listenOn opens the address, or, where its port is taken, a free port beside it.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return listener, err
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, err
	}
	return lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
}

// beside is the address with its port moved by n; a free port stays one.
func beside(address string, n int) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return "", fmt.Errorf("port %q is not a number", port)
	}
	if number != 0 {
		number += n
	}
	return net.JoinHostPort(host, strconv.Itoa(number)), nil
}

// servers run together and stop together.
type servers struct {
	running []*http.Server
	failed  chan error
}

func newServers() *servers { return &servers{failed: make(chan error, 8)} }

// start serves on the listener until stop.
func (s *servers) start(listener net.Listener, handler http.Handler, log *slog.Logger) {
	server := newServer(handler, log)
	s.running = append(s.running, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
}

// wait returns when the context ends, or with the failure of a server.
func (s *servers) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// drain goes on serving for a while, unless a server fails.
func (s *servers) drain(delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case err := <-s.failed:
		return err
	}
}

// stop lets running requests finish, the first server's first, and closes
// what is not done in time.
func (s *servers) stop(ctx context.Context) error {
	var failed []error
	for _, server := range s.running {
		if err := server.Shutdown(ctx); err != nil {
			failed = append(failed, server.Close())
		}
	}
	return errors.Join(failed...)
}

// listenExactly opens that address or says why not.
func listenExactly(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &problem{code: exitFailed, err: err, text: fmt.Sprintf("Can't listen on %s: %v. End the program that has it, or choose another address with --listen.", address, err)}
	}
	return listener, nil
}
