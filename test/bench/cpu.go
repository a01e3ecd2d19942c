package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// meter reads the CPU time of serving processes, and of PostgreSQL's where it serves.
type meter struct {
	pids   []int
	server int // PostgreSQL's first process; zero when it is not asked
	from   time.Time
	was    time.Duration
}

func (s *side) meter(pids []int, database bool) (*meter, error) {
	m := &meter{pids: pids}
	if database && s.engine == "postgres" {
		var err error
		if m.server, err = postmaster(s.url); err != nil {
			return nil, err
		}
	}
	var err error
	m.was, err = m.used()
	m.from = time.Now()
	return m, err
}

// read gives events a second and CPU microseconds an event since the meter was made.
func (m *meter) read(events int64) (sample, error) {
	elapsed := time.Since(m.from)
	is, err := m.used()
	if err != nil {
		return sample{}, err
	}
	if events == 0 {
		return sample{}, fmt.Errorf("nothing was written")
	}
	return sample{
		rate: float64(events) / elapsed.Seconds(),
		cpu:  float64((is - m.was).Microseconds()) / float64(events),
	}, nil
}

const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux

// used sums user and system time; of PostgreSQL also that of the processes that it has
// waited for.
func (m *meter) used() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range m.pids {
		f, err := stat(pid)
		if err != nil {
			return 0, err
		}
		sum += (f.user + f.system) * tick
	}
	if m.server == 0 {
		return sum, nil
	}
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, dir := range all {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		f, err := stat(pid)
		switch {
		case err != nil: // it has ended since
		case pid == m.server:
			sum += (f.user + f.system + f.waited) * tick
		case f.parent == m.server:
			sum += (f.user + f.system) * tick
		}
	}
	return sum, nil
}

type procStat struct {
	parent               int
	user, system, waited time.Duration // in ticks
}

// stat reads /proc/PID/stat (proc(5): fields 4, 14, 15, 16 and 17).
func stat(pid int) (procStat, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}, err
	}
	text := string(b)
	f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	n := func(i int) int {
		v, err := strconv.Atoi(f[i-3])
		if err != nil {
			return 0
		}
		return v
	}
	return procStat{
		parent: n(4), user: time.Duration(n(14)), system: time.Duration(n(15)), waited: time.Duration(n(16) + n(17)),
	}, nil
}

// postmaster finds PostgreSQL's first process: the parent of ours in it.
func postmaster(url string) (int, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var pid int
	if err := db.QueryRow("SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return 0, err
	}
	f, err := stat(pid)
	return f.parent, err
}
