package partnercenter

import (
	"errors"
	"io"
	"sync"
)

const (
	padding      = 8       // zero bytes behind a body, so that it can be read in words
	keptBuffer   = 4 << 20 // bytes; larger buffers are left to the garbage collector
	sizedAtOnce  = 1 << 20 // bytes; a Content-Length above is believed as the bytes come
	smallestRead = 512
)

var errTooLarge = errors.New("the body is too long")

// buffer holds one body. Buffers are used again, since they are large beside
// what is kept of them.
type buffer struct {
	bytes []byte // the body as it came, then padding
	begin int    // where it begins, behind a byte order mark
	end   int
	scan  scanner // of the users page in it
}

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func newBuffer() *buffer { return buffers.Get().(*buffer) }

// body is what was read, without byte order mark.
func (b *buffer) body() []byte { return b.bytes[b.begin:b.end] }

// release gives the buffer back; nothing may point into it any more.
func (b *buffer) release() {
	b.begin, b.end = 0, 0
	b.scan.raw = RawUser{}
	if cap(b.bytes)+cap(b.scan.scratch) <= keptBuffer {
		buffers.Put(b)
	}
}

// read takes all of r, which announced size bytes (0 or below: did not say).
// It stops with errTooLarge once there are more than limit.
func (b *buffer) read(r io.Reader, size int64, limit int) error {
	if size > int64(limit) {
		return errTooLarge
	}
	n := 0
	b.grow(0, int(max(0, min(size, sizedAtOnce))))
	for {
		b.grow(n, smallestRead)
		got, err := r.Read(b.bytes[n : cap(b.bytes)-padding])
		n += got
		if n > limit {
			n, err = limit, errTooLarge
		}
		if err != nil {
			b.bytes = b.bytes[:n+padding]
			clear(b.bytes[n:])
			b.end = n
			b.begin = n - len(withoutBOM(b.bytes[:n]))
			if err == io.EOF {
				err = nil
			}
			return err
		}
	}
}

// grow makes room for more bytes behind n, and for the padding.
func (b *buffer) grow(n, more int) {
	if need := n + more + padding; need > cap(b.bytes) {
		larger := make([]byte, max(need, 2*cap(b.bytes)))
		copy(larger, b.bytes[:n])
		b.bytes = larger
	}
	b.bytes = b.bytes[:cap(b.bytes)]
}
