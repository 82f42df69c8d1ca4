package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// errNoServer is the reason why there is no PostgreSQL to test against.
var errNoServer = errors.New("PostgreSQL (initdb and postgres), or ROLLCALL_TEST_POSTGRES with the address of a server")

// cluster is started by the first test that asks, for all tests of the process.
var cluster struct {
	once sync.Once
	dsn  string
	err  error
	stop func()
}

// PostgreSQL gives the address of a new, empty database.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	cluster.once.Do(func() {
		if cluster.dsn = os.Getenv("ROLLCALL_TEST_POSTGRES"); cluster.dsn == "" {
			cluster.dsn, cluster.stop, cluster.err = startCluster()
		}
	})
	if errors.Is(cluster.err, errNoServer) {
		Missing(t, cluster.err.Error())
	}
	if cluster.err != nil {
		t.Fatalf("start PostgreSQL: %v", cluster.err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	onServer(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { onServer(t, "DROP DATABASE "+name+" WITH (FORCE)") })

	address, err := url.Parse(cluster.dsn)
	if err != nil {
		t.Fatalf("ROLLCALL_TEST_POSTGRES is not an address")
	}
	address.Path = "/" + name
	return address.String()
}

// TwoRoles makes a new, empty database and two roles: its owner, and one to
// serve with. It gives the address of the database for each, and the name of
// the second.
func TwoRoles(t testing.TB) (owner, serving, servingName string) {
	t.Helper()
	dsn := PostgreSQL(t)
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"owner_" + strings.ToLower(rand.Text()), "serving_" + strings.ToLower(rand.Text())}
	database := strings.TrimPrefix(address.Path, "/")
	for _, name := range names {
		onServer(t, "CREATE ROLE "+name+" LOGIN PASSWORD 'of a test'")
	}
	onServer(t, "ALTER DATABASE "+database+" OWNER TO "+names[0])
	t.Cleanup(func() {
		onServer(t, "ALTER DATABASE "+database+" OWNER TO CURRENT_USER")
		on(t, dsn, "DROP OWNED BY "+strings.Join(names, ", ")+" CASCADE")
		onServer(t, "DROP ROLE "+strings.Join(names, ", "))
	})
	as := func(name string) string {
		u := *address
		u.User = url.UserPassword(name, "of a test")
		return u.String()
	}
	return as(names[0]), as(names[1]), names[1]
}

func onServer(t testing.TB, statement string) {
	t.Helper()
	on(t, cluster.dsn, statement)
}

func on(t testing.TB, dsn, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func stopCluster() {
	if cluster.stop != nil {
		cluster.stop()
	}
}

// startCluster makes a cluster in a folder of its own and starts it on a free
// port of loopback. PostgreSQL refuses to run as root, so root starts it as
// the user postgres.
func startCluster() (dsn string, stop func(), err error) {
	bin, err := findBinaries()
	if err != nil {
		return "", nil, err
	}
	folder, err := os.MkdirTemp("", "rollcall-postgresql-")
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	as, err := serverUser(folder)
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(folder, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "--no-sync", "-A", "trust", "-U", "rollcall", "-E", "UTF8", "--locale=C")
	initdb.Dir, initdb.SysProcAttr = folder, as
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	for range 3 { // another program may take the port before the server does
		if dsn, stop, err = startServer(bin, folder, data, as); err == nil {
			return dsn, stop, nil
		}
	}
	return "", nil, err
}

func startServer(bin, folder, data string, as *syscall.SysProcAttr) (dsn string, stop func(), err error) {
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	var log bytes.Buffer
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", folder,
		"-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200")
	server.Dir, server.SysProcAttr, server.Stdout, server.Stderr = folder, as, &log, &log
	if err := server.Start(); err != nil {
		return "", nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()

	stop = func() {
		_ = server.Process.Signal(syscall.SIGINT) // fast shutdown: sessions are cut
		<-ended
		_ = os.RemoveAll(folder)
	}
	dsn = fmt.Sprintf("postgres://rollcall@127.0.0.1:%d/postgres?sslmode=disable", port)
	if err := awaitServer(dsn, ended); err != nil {
		_ = server.Process.Kill()
		return "", nil, fmt.Errorf("%w\n%s", err, log.String())
	}
	return dsn, stop, nil
}

// awaitServer asks the server until it answers.
func awaitServer(dsn string, ended <-chan error) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case gone := <-ended:
			return fmt.Errorf("the server ended: %w", gone)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-again.C:
		}
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// findBinaries looks on the path, then where Debian keeps them.
func findBinaries() (string, error) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(folders, func(a, b string) int { return version(b) - version(a) })
	if initdb, err := exec.LookPath("initdb"); err == nil {
		folders = append([]string{filepath.Dir(initdb)}, folders...)
	}
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "postgres")); err == nil {
			return folder, nil
		}
	}
	return "", errNoServer
}

func version(folder string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return n
}
