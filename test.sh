#!/usr/bin/env bash
# Builds the solution once and runs its tests. Without arguments the quick selection: everything but [Trait("Category", "Slow")].
#
#   ./test.sh                 quick tests, what CI runs
#   ./test.sh --all           the slow ones too
#   ./test.sh NAME...         only test projects whose name contains one of the words, e.g. ./test.sh Catalog S3
#
# Tests that need PostgreSQL start a private server from the programs found on the machine, and are skipped where there are none.
# The last line is "N passed, N failed" (", N skipped" where some were); the exit code is 0 only if all passed.
set -uo pipefail
cd "$(dirname "$0")"

filter='Category!=Slow'
words=()
for argument in "$@"; do
  case "$argument" in
    --all) filter='' ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "unknown option $argument; --help tells more" >&2; exit 2 ;;
    *) words+=("$argument") ;;
  esac
done

export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1
hang_timeout=${TEST_HANG_TIMEOUT:-5m}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

echo "== build"
if ! dotnet build OrleansDfs.sln -v q -clp:NoSummary </dev/null; then
  echo "the build failed" >&2
  echo "0 passed, 1 failed"
  exit 1
fi

is_wanted() {
  [ ${#words[@]} -eq 0 ] && return 0
  for word in "${words[@]}"; do
    [[ ${1,,} == *"${word,,}"* ]] && return 0
  done
  return 1
}

passed=0 failed=0 skipped=0
# One project after the other: they measure timeouts, and two at once on two cores would make each other late.
for folder in tests/*.Tests; do
  name=$(basename "$folder")
  is_wanted "$name" || continue
  echo "== $name"
  start=$SECONDS
  # The assembly and not the project: MSBuild's evaluation would cost seconds for each.
  arguments=(test "tests/$name/bin/Debug/net10.0/OrleansDfs.$name.dll" --blame-hang-timeout "$hang_timeout" --blame-hang-dump-type none
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --results-directory "$results/$name")
  [ -n "$filter" ] && arguments+=(--filter "$filter")
  dotnet "${arguments[@]}" </dev/null
  code=$?

  trx="$results/$name/$name.trx"
  counters=$( [ -f "$trx" ] && grep -o '<Counters [^>]*' "$trx" | head -n 1 )
  count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }
  if [ -n "$counters" ]; then
    # "executed" leaves out the skipped ones; whatever was executed and did not pass has failed, also by a timeout or an abort.
    project_passed=$(count passed)
    project_failed=$(($(count executed) - project_passed))
    project_skipped=$(($(count total) - $(count executed)))
  else
    project_passed=0 project_failed=0 project_skipped=0
  fi
  # A crash or a hang can leave results without a failure, or none at all.
  if [ $code -ne 0 ] && [ "$project_failed" -eq 0 ]; then project_failed=1; fi
  passed=$((passed + project_passed)) failed=$((failed + project_failed)) skipped=$((skipped + project_skipped))
  echo "   $name: $project_passed passed, $project_failed failed, $project_skipped skipped, $((SECONDS - start)) s"
done

[ $((passed + failed)) -eq 0 ] && { echo "no test was run" >&2; failed=1; }
summary="$passed passed, $failed failed"
[ "$skipped" -gt 0 ] && summary+=", $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
