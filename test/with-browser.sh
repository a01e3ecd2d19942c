#!/usr/bin/env bash
# Runs a command with what the tests in a browser need: Chromium, node and npm. Where one of
# them is missing, root installs it from Debian; others are told what to install, and their
# command runs without those tests.
#
#   test/with-browser.sh go test ./test/browser
set -euo pipefail

readonly wanted=20 # the oldest node that playwright-core supports, and what Debian 13 has

if [[ $# -eq 0 ]]; then
  echo "usage: $0 COMMAND [ARGUMENT]..." >&2
  exit 64
fi

say() { echo "with-browser: $*" >&2; }

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)

if ((${#missing[@]})); then
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    say "missing: ${missing[*]}. Install them (Debian: apt-get install ${missing[*]}) for the tests in a browser."
  else
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    {
      apt-get update -qq
      apt-get install -y -qq --no-install-recommends "${missing[@]}" fonts-dejavu-core
    } </dev/null >&2
  fi
fi
if command -v node >/dev/null && (($(node -p 'parseInt(process.versions.node)') < wanted)); then
  say "node $(node -p process.versions.node) is older than $wanted, which the tests in a browser need."
fi
exec "$@"
