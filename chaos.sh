#!/usr/bin/env bash
# Real processes, real faults, and a check of everything afterwards; docs/reliability.md tells what and how. Builds, then runs; --help lists the options.
#
#   ./chaos.sh --minutes 5
#   ./chaos.sh --hours 1 --seed 7
#   ./chaos.sh --minutes 2 --scenario kill-silo,pause-silo
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1
dotnet build tests/Chaos -v q -clp:NoSummary </dev/null
exec dotnet exec tests/Chaos/bin/Debug/net10.0/OrleansDfs.Chaos.dll "$@"
