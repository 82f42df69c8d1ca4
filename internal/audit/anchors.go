package audit

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

const (
	everyRows = 1000
	everyHour = time.Hour
)

// anchorMessage is the log message of an anchor. Logs are kept for years and
// read back by it, so it never changes.
const anchorMessage = "trail anchor"

// Anchor is a row's place and code as the log stream kept it.
type Anchor struct {
	Seq int64
	MAC string // hexadecimal
}

// anchor tells the head to the log.
func (t *Trail) anchor(ctx context.Context, reason string) error {
	seq, mac, err := t.st.TrailHead(ctx)
	if errors.Is(err, store.ErrNotFound) {
		seq, mac, err = 0, beginning, nil
	}
	if err != nil {
		return fmt.Errorf("audit: anchor: %w", err)
	}
	if t.isCut(seq, mac) {
		return ErrCut
	}
	t.mu.Lock()
	if seq > t.seq {
		t.seq, t.mac = seq, mac
	}
	t.mu.Unlock()
	return t.tell(ctx, seq, mac, reason)
}

func (t *Trail) tell(ctx context.Context, seq int64, mac []byte, reason string) error {
	now := t.st.Now()
	t.logger.LogAttrs(ctx, slog.LevelInfo, anchorMessage,
		slog.Int64("seq", seq), slog.String("mac", hex.EncodeToString(mac)), slog.String("reason", reason))
	t.mu.Lock()
	t.anchored = now
	t.mu.Unlock()
	if err := t.st.InsertAnchor(ctx, store.Anchor{Time: now, Seq: seq, MAC: mac, Reason: reason}); err != nil {
		return fmt.Errorf("audit: keep anchor: %w", err)
	}
	return nil
}

// anchorHour anchors when nothing else did for an hour.
func (t *Trail) anchorHour(ctx context.Context) error {
	t.mu.Lock()
	due := t.st.Now().Sub(t.anchored) >= everyHour
	t.mu.Unlock()
	if !due {
		return nil
	}
	return t.anchor(ctx, "hour")
}

// due notes that a row completes a thousand.
func (t *Trail) due(seq int64) {
	if seq%everyRows != 0 {
		return
	}
	t.mu.Lock()
	t.thousand = append(t.thousand, seq)
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// anchorThousands anchors the rows noted by due. A row that is not there stays
// noted: its transaction is not committed yet, or was taken back and another
// row will have its place.
func (t *Trail) anchorThousands(ctx context.Context) error {
	t.mu.Lock()
	thousand := t.thousand
	t.thousand = nil
	t.mu.Unlock()
	for i, seq := range thousand {
		rows, err := t.st.TrailAfter(ctx, seq-1, 1)
		if err == nil && len(rows) == 1 && rows[0].Seq == seq {
			err = t.tell(ctx, seq, rows[0].MAC, "rows")
		} else if err == nil {
			t.keepDue(seq)
		}
		if err != nil {
			t.keepDue(thousand[i:]...)
			return err
		}
	}
	return nil
}

func (t *Trail) keepDue(seqs ...int64) {
	t.mu.Lock()
	t.thousand = append(t.thousand, seqs...)
	t.mu.Unlock()
}

// textAnchor matches an anchor among the attributes of a log line in text
// form. Quotes inside of values are escaped there, so no value can look like it.
var textAnchor = regexp.MustCompile(`(?:^|\s)msg="` + anchorMessage + `"(?:\s.*?)?\sseq=(\d{1,18})\smac=([0-9a-f]{64})(?:\s|$)`)

// longestLine is how much of a log line is looked at.
const longestLine = 1 << 20

// ReadAnchors finds the anchors in a log, whatever else is in it: lines of
// JSON or text as slog writes them, also after the prefix of a collector.
func ReadAnchors(log io.Reader) ([]Anchor, error) {
	var anchors []Anchor
	lines := bufio.NewReaderSize(log, longestLine)
	for {
		line, err := lines.ReadSlice('\n')
		if a, ok := anchorOf(string(line)); ok {
			anchors = append(anchors, a)
		}
		for errors.Is(err, bufio.ErrBufferFull) { // no anchor is that long
			_, err = lines.ReadSlice('\n')
		}
		if errors.Is(err, io.EOF) {
			return anchors, nil
		}
		if err != nil {
			return nil, fmt.Errorf("audit: read log: %w", err)
		}
	}
}

func anchorOf(line string) (Anchor, bool) {
	if !strings.Contains(line, anchorMessage) {
		return Anchor{}, false
	}
	if start := strings.IndexByte(line, '{'); start >= 0 {
		var said struct {
			Message string `json:"msg"`
			Seq     int64  `json:"seq"`
			MAC     string `json:"mac"`
			Docker  string `json:"log"`     // the line as Docker wraps it
			Journal string `json:"MESSAGE"` // as systemd's journal does
		}
		if json.Unmarshal([]byte(line[start:]), &said) == nil {
			if wrapped := said.Docker + said.Journal; wrapped != "" && said.Message == "" {
				return anchorOf(wrapped)
			}
			_, err := hex.DecodeString(said.MAC)
			return Anchor{said.Seq, said.MAC}, err == nil && said.Message == anchorMessage && said.Seq >= 0 && len(said.MAC) == 64
		}
	}
	found := textAnchor.FindStringSubmatch(line)
	if found == nil {
		return Anchor{}, false
	}
	seq, err := strconv.ParseInt(found[1], 10, 64)
	return Anchor{seq, found[2]}, err == nil
}
