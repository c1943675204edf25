#!/usr/bin/env bash
# Runs a Windows program in the lane that setup.sh made, with its exit code:
#
#   run.sh deno.exe run -A main.ts check
#   run.sh cmd.exe /d /c ver
#   run.sh --stop              ends every program that still runs in the lane
#
# Drive Z: is the root folder of this machine, and the current folder is kept.
# The lane is the folder named by DEVSVC_WINDOWS_LANE, or setup.sh's default.
# Wine's server stays for a minute after the last program, so that only the
# first call pays for its start.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
lane=${DEVSVC_WINDOWS_LANE:-${XDG_CACHE_HOME:-$HOME/.cache}/devsvc-windows-lane}
# shellcheck source=tests/windows/lane.sh
source "$here/lane.sh"

if [[ ! -e $lane/ready ]]; then
  echo "run.sh: no lane in $lane; run $here/setup.sh first" >&2
  exit 77
fi
if [[ ${1-} == --stop ]]; then
  # Where nothing runs, this exits 1.
  (wine_exec /usr/lib/wine/wineserver64 --kill) || true
  exit 0
fi
if (($# == 0)); then
  echo "usage: run.sh PROGRAM [ARGUMENT...] | run.sh --stop" >&2
  exit 2
fi

# Where it already runs, this says so and exits 2.
(wine_exec /usr/lib/wine/wineserver64 --persistent=60) </dev/null >/dev/null 2>&1 || true
export WINEPATH='C:\deno'
export DENO_DIR='C:\deno\cache' DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
# A full path spares Wine a start.exe in between: this process becomes deno.exe.
[[ $1 == deno.exe ]] && set -- 'C:\deno\deno.exe' "${@:2}"
wine_exec /usr/lib/wine/wine64 "$@"
