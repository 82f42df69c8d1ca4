package store

import (
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

const lookForSpace = 10 * time.Second

// space watches the disk under a SQLite file: below a limit only the trail may
// grow, so that what happens can still be recorded.
type space struct {
	folder string
	limit  int64
	free   func(folder string) (int64, error)

	mu     sync.Mutex
	looked time.Time
	low    bool
}

func newSpace(path string, limit int64) *space {
	if limit < 0 {
		return nil
	}
	return &space{folder: filepath.Dir(path), limit: limit, free: freeBytes}
}

// room fails when a row that is not the trail's may not be added. Changes in
// place and deletions always may.
func (t Tables) room() error {
	s := t.st.space
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.looked) >= lookForSpace {
		s.looked = now
		free, err := s.free(s.folder)
		if err != nil {
			t.st.logger.Warn("free space not known", slog.Any("error", err))
			return nil
		}
		low := free < s.limit
		if low != s.low {
			t.st.logger.Error("free space", slog.Bool("low", low), slog.Int64("bytes", free))
		}
		s.low = low
	}
	if s.low {
		return ErrLowSpace
	}
	return nil
}

// Free is how many bytes may still be written to the disk under a path.
func Free(path string) (int64, error) { return freeBytes(filepath.Dir(path)) }

// LeastFree is how many bytes must be free for anything but the trail to grow,
// unless options say otherwise.
const LeastFree = 200 << 20

// Space reports whether there is room for more than the trail.
func (s *Store) Space() error { return s.room() }
