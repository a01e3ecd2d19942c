#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own, and takes it away afterwards whatever
# happens: a fresh cluster in a temporary folder, reached by a socket in that folder only.
# The command finds it in CAGNOTTE_TEST_POSTGRES, as a role without privileges that owns
# its database. When CAGNOTTE_TEST_POSTGRES is set already, that server is used instead.
#
#   test/with-postgres.sh go test ./...
#
# PostgreSQL refuses to run as root, so root runs it as the user postgres. Where it is
# missing, root installs it from Debian; others are told what to install.
set -euo pipefail

readonly wanted=15 # the oldest version that the product supports, and what Debian 12 has

if [[ $# -eq 0 ]]; then
  echo "usage: $0 COMMAND [ARGUMENT]..." >&2
  exit 64
fi
if [[ -n ${CAGNOTTE_TEST_POSTGRES:-} ]]; then
  exec "$@"
fi

say() { echo "with-postgres: $*" >&2; }

# programs prints the folder of the newest server programs that are new enough.
programs() {
  local dir program version
  while read -r dir; do
    for program in initdb pg_ctl psql; do
      if [[ ! -x $dir/$program ]]; then continue 2; fi
    done
    version=$("$dir/initdb" --version | grep -oE '[0-9]+' | head -n 1)
    if ((version >= wanted)); then
      echo "$dir"
      return
    fi
  done < <(
    printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin | sort -rV
    printf '%s\n' /usr/local/bin /usr/bin
  )
}

bin=$(programs)
if [[ -z $bin ]]; then
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    say "PostgreSQL $wanted or newer is missing. Install it (Debian: apt-get install postgresql-$wanted), or name a server in CAGNOTTE_TEST_POSTGRES."
    exit 69
  fi
  say "installing postgresql-$wanted"
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "postgresql-$wanted"
  } </dev/null >&2
  bin=$(programs)
fi

# as_server runs a program of PostgreSQL as a user who is not root.
user=
if [[ $(id -u) -eq 0 ]]; then
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
fi
as_server() (
  cd "$folder"
  if [[ -n $user ]]; then
    runuser -u "$user" -- "$@"
  else
    "$@"
  fi
)

folder=$(mktemp -d /tmp/cagnotte-pg.XXXXXX) # short: a socket's path has at most 107 bytes
child=
# shellcheck disable=SC2317 # the trap below calls it
stop() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  if [[ -f $folder/data/postmaster.pid ]]; then
    as_server "$bin/pg_ctl" stop -D "$folder/data" -m immediate -s >&2 || true
  fi
  rm -rf "$folder"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

if [[ -n $user ]]; then chown "$user" "$folder"; fi
as_server "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-instructions >"$folder/initdb.log" 2>&1 || {
  cat "$folder/initdb.log" >&2
  say "initdb failed"
  exit 70
}
as_server tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
fsync = on
shared_buffers = '${CAGNOTTE_POSTGRES_MEMORY:-64MB}'
max_connections = 400
max_wal_size = '${CAGNOTTE_POSTGRES_WAL:-256MB}'
autovacuum_naptime = '20s'
log_min_messages = 'fatal'
CONF
as_server "$bin/pg_ctl" start -D "$folder/data" -l "$folder/server.log" -w -s >&2 || {
  cat "$folder/server.log" >&2
  say "PostgreSQL did not start"
  exit 70
}
as_server "$bin/psql" -q -X -h "$folder" -U postgres -d postgres -v ON_ERROR_STOP=1 >&2 <<'SQL'
CREATE ROLE cagnotte LOGIN;
CREATE DATABASE cagnotte OWNER cagnotte;
SQL

export CAGNOTTE_TEST_POSTGRES="postgres://cagnotte@/cagnotte?host=$folder&sslmode=disable"
set -m # the command gets a process group of its own, which a signal to us stops at once
"$@" <&0 &
child=$!
set +m
status=0
wait "$child" || status=$?
child=
exit "$status"
