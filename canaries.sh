#!/usr/bin/env bash
# Canaries: each patch of tests/canaries switches off one rule of the protocol, and a quick test must then turn red. A rule whose absence no test notices
# is not proved. Works in a git worktree of its own, on what is committed; prints a table; the exit code is 0 only if every canary was noticed.
#
#   ./canaries.sh            all of them
#   ./canaries.sh NAME...    only those
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1

# name | rule | test project | filter
canaries='
skip-fsync|P7, I1: acknowledged means fsynced|Storage|FullyQualifiedName~CrashModelTests
acknowledge-at-two-of-three|P7: all replicas, no quorum|Node|FullyQualifiedName~FailureTests
seal-at-the-maximum|P11: the smallest length|Replication|FullyQualifiedName~SealDecisionTests
no-incarnation-check|P2: a delayed create makes no file|Node|FullyQualifiedName~FailureTests
commit-without-looking-at-the-seal|P16: extents lie within the sealed length|Catalog|FullyQualifiedName~Contract|FullyQualifiedName~Sqlite
compaction-without-second-look|P25: re-read under the lock|Catalog|FullyQualifiedName~A_commit_that_came_after_the_first_look
pages-unchecked|I6: no byte leaves unchecked|Client|FullyQualifiedName~FileReaderTests
keys-not-locked|P15: conditions under the lock of the key|Catalog|FullyQualifiedName~RowLockTests
source-not-locked|P23: a copy locks its source|Catalog|FullyQualifiedName~RowLockTests
read-not-confirmed|P20: a read is confirmed after it arrived|Simulation|FullyQualifiedName~ActivationsTests
'

tree=$(mktemp -d)
trap 'git worktree remove --force "$tree" >/dev/null 2>&1' EXIT
git worktree add --detach --quiet "$tree" HEAD || exit 1

failed=0
printf '%-36s %-44s %s\n' canary rule result
while IFS='|' read -r name rule project filter; do
  [ -n "$name" ] || continue
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  log=$tree/$name.log
  if ! git -C "$tree" apply "$PWD/tests/canaries/$name.patch" 2>"$log"; then
    result='PATCH DOES NOT APPLY'
  elif ! (cd "$tree" && dotnet build "tests/$project.Tests" -v q </dev/null) >"$log" 2>&1; then
    result='DOES NOT BUILD'
  elif (cd "$tree" && timeout 300 dotnet test "tests/$project.Tests" --no-build --filter "($filter)&Category!=Slow" </dev/null) >"$log" 2>&1; then
    result='NOT NOTICED'
  else
    count=$(grep -cE '^ *Failed [A-Za-z]' "$log")
    if [ "$count" -gt 0 ]; then result="red: $count tests"; else result='NO TEST RAN'; fi
  fi
  git -C "$tree" checkout --quiet -- . # the next one starts from what is committed
  [[ $result == red* ]] || { failed=1; cp "$log" "${TMPDIR:-/tmp}/canary-$name.log"; }
  printf '%-36s %-44s %s\n' "$name" "$rule" "$result"
done <<<"$canaries"
exit $failed
