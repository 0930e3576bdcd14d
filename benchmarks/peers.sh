#!/usr/bin/env bash
# OrleansDfs beside its peers on this machine, under the same load in turn (A B A B), as one Markdown table.
#
#   benchmarks/peers.sh                         all of it, some 30 minutes
#   benchmarks/peers.sh --quick                 one short round of everything: does it work at all?
#   benchmarks/peers.sh --only odfs,nginx       some of odfs, ceph, nginx
#
#   --seconds N    length of one measurement (5)          --rounds N     of each; the median counts (3)
#   --steps LIST   instead of the table of steps below, e.g. "put:4KiB:32 head:4KiB:8"
#   --load "ARGS"  instead of the table another command of the load generator: "connections --count 10000" or "upload --size 5GiB"
#   --list-keys N  keys of the bucket that is listed (10000)
#   --data DIR     where everything lives (a new folder under $TMPDIR or /tmp); some 40 GiB for a full run, deleted in the end
#   --keep         keep that folder, for logs
#
# All but nginx are durable on three copies and answer after fsync; nginx serves plain files and is the bound for GET and HEAD. Missing Debian
# packages are installed by apt-get (root or sudo). Everything listens on 127.0.0.1 only, on free ports; only what was started here is stopped.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1
PATH=$PATH:/usr/sbin:/sbin

only=odfs,ceph,nginx seconds=5 rounds=3 warm_up=10 list_keys=10000 root='' keep='' needed_gib=40 load=''
# The operations of the targets, each PUT before what reads or deletes its files.
steps="put:4KiB:32 put:4KiB:8 get:4KiB:8 head:4KiB:8 delete:4KiB:8 put:64KiB:8 get:64KiB:8 put:1MiB:8 get:1MiB:8
  put:16MiB:4 get:16MiB:4 put:16MiB:8 multipart:64MiB:4 list::8 listdelimited::8 mixed:4KiB:32"
while [ $# -gt 0 ]; do
  case "$1" in
    --only) only=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --rounds) rounds=$2; shift ;;
    --steps) steps=$2; shift ;;
    --load) load=$2; shift ;;
    --list-keys) list_keys=$2; shift ;;
    --data) root=$2; shift ;;
    --keep) keep=1 ;;
    --quick) seconds=2 rounds=1 warm_up=1 list_keys=1200 needed_gib=15 ;;
    -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "unknown option $1; --help tells more" >&2; exit 2 ;;
  esac
  shift
done

say() { echo "== $*" >&2; }
fail() { echo "$*" >&2; exit 1; }
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Sets $port. Below the kernel's range for outgoing connections, which could take a port between its choice and its use.
taken_ports=' '
free_port() {
  while port=$((RANDOM % 10000 + 20000)); do
    [[ $taken_ports == *" $port "* ]] || (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  taken_ports+="$port "
}

pids=() target_pids=() targets=()
# launch LOG PROGRAM...: in the background, stopped in the end.
launch() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null &
  pids+=($!) target_pids+=($!)
}

# until_true SECONDS WHAT LOG COMMAND...
until_true() {
  local end=$((SECONDS + $1)) what=$2 log=$3 pid
  shift 3
  until "$@" >/dev/null 2>&1; do
    for pid in "${target_pids[@]}"; do
      kill -0 "$pid" 2>/dev/null || fail "$what ended: $(tail -n 3 "$log")"
    done
    [ $SECONDS -lt $end ] || fail "$what did not come up: $(tail -n 3 "$log")"
    sleep 0.3
  done
}

answers() { curl -s -o /dev/null --noproxy '*' --max-time 5 "http://127.0.0.1:$1$2"; }

# target NAME PORT [ACCESS SECRET]: its processes are those launched since the last target.
target() {
  local processes
  processes=$(printf '|pid:%s' "${target_pids[@]}")
  targets+=(--target "$1=http://127.0.0.1:$2,${3:-},${4:-},${processes:1}")
  target_pids=()
  say "$1 is ready"
}

stop_all() {
  local code=$? i pid end
  trap '' INT TERM
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    pid=${pids[i]}
    kill -TERM "$pid" 2>/dev/null || continue
    end=$((SECONDS + 30))
    while kill -0 "$pid" 2>/dev/null; do
      [ $SECONDS -lt $end ] || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.1
    done
  done
  if [ -n "$keep" ]; then say "kept $root"; elif [ -n "$root" ]; then rm -rf "$root"; fi
  exit $code
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# install PACKAGE...: no package may start a service of its own meanwhile (policy-rc.d, Debian policy 9.3).
install_packages() {
  command -v apt-get >/dev/null || fail "This machine has no apt-get: install what stands for Debian's $*, or leave peers out with --only."
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || fail "Missing, and not root: sudo apt-get install --no-install-recommends $*"
  say "installing $*"
  local policy='' code=0
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
  fi
  as_root apt-get update -qq >&2 || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 || code=$?
  [ -z "$policy" ] || as_root rm /usr/sbin/policy-rc.d
  [ $code = 0 ] || fail "apt-get could not install $*: see above, or leave peers out with --only."
}

require() {
  local packages=$1 program
  shift
  for program in "$@"; do
    if ! command -v "$program" >/dev/null; then
      # shellcheck disable=SC2086 # several packages
      install_packages $packages
      break
    fi
  done
}

IFS=, read -ra names <<<"$only"
for name in "${names[@]}"; do
  [ -f "$repository/benchmarks/peers/$name.sh" ] || fail "--only takes odfs, ceph, nginx, not $name"
  # shellcheck source=/dev/null
  source "$repository/benchmarks/peers/$name.sh"
done
require curl curl
for name in "${names[@]}"; do
  declare -n packages=${name}_packages programs=${name}_programs
  require "${packages[*]}" "${programs[@]}"
done

say building
dotnet build "$repository/benchmarks/Load" -c Release -v q -clp:NoSummary </dev/null >&2
for name in "${names[@]}"; do
  if declare -F "${name}_build" >/dev/null; then "${name}_build" >&2; fi
done

root=${root:-$(mktemp -d "${TMPDIR:-/tmp}/odfs-peers-XXXXXX")}
mkdir -p "$root"
root=$(cd "$root" && pwd)
[ -z "$(ls -A "$root")" ] || { echo "$root is not empty; give an empty or a new folder" >&2; exit 1; }
trap stop_all EXIT
trap 'exit 130' INT TERM
chmod 711 "$root" # PostgreSQL does not run as root, and passes through
available=$(($(df --output=avail -k "$root" | tail -n 1) >> 20))
[ "$available" -ge "$needed_gib" ] ||
  fail "$root has $available GiB free; such a run wants $needed_gib. --data names another disk, --steps and --quick make it smaller."

access_key=$(random 10 | tr a-f A-F) secret_key=$(random 20)
for name in "${names[@]}"; do
  say "starting $name"
  "${name}_start"
done

load_generator=$repository/benchmarks/Load/bin/Release/net10.0/OrleansDfs.Load.dll
if [ -n "$load" ]; then
  # shellcheck disable=SC2086 # several arguments
  dotnet "$load_generator" $load "${targets[@]}"
  exit
fi

step_options=()
for step in $steps; do step_options+=(--step "$step"); done
say "measuring, $rounds × $seconds s a step and target"
commit=$(git -C "$repository" describe --always --dirty)
machine="$(nproc) × $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(free -g | awk '/^Mem/ { print $2 }') GiB"
echo "Commit $commit, $(date -u +%Y-%m-%d), $machine," \
  "load average $(cut -d ' ' -f 1 /proc/loadavg) before, $rounds rounds of $seconds s; odfs and ceph: three copies, fsync on; nginx: plain files."
echo
dotnet "$load_generator" "${targets[@]}" "${step_options[@]}" \
  --seconds "$seconds" --rounds "$rounds" --warm-up "$warm_up" --list-keys "$list_keys" --cap 1GiB --baseline ceph
