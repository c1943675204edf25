#!/usr/bin/env bash
# Sets up the Windows lane: Deno for Windows under Wine 10, on a Debian machine.
#
#   setup.sh [FOLDER]     (default: DEVSVC_WINDOWS_LANE, or the user's cache folder)
#
# FOLDER then holds root/ (Wine, unpacked from Debian 13: Debian 12's Wine 8
# cannot run Deno), prefix/ (drive C:, with deno.exe and stand-ins for
# what Wine's netstat and powershell leave out) and ready (what was set up). Run again, it does what is missing.
#
# Exit: 0 ready, 77 this machine cannot have the lane (the tests are skipped),
# anything else a failure.
set -euo pipefail

readonly suite=trixie

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
deno_version=$(<"$here/../../.deno-version")
readonly deno_version
lane=${1:-${DEVSVC_WINDOWS_LANE:-${XDG_CACHE_HOME:-$HOME/.cache}/devsvc-windows-lane}}
mkdir -p "$lane"
lane=$(readlink -f "$lane")
# shellcheck source=tests/windows/lane.sh
source "$here/lane.sh"

skip() {
  echo "windows lane: skipped: $1" >&2
  exit 77
}

# Runs one stage, a function, and tells its seconds; its output goes to a log.
stage() {
  local name=$1 from=$SECONDS status=0
  shift
  printf 'windows lane: %-28s' "$name"
  # Not in a condition: there bash would not stop at the first failure.
  set +e
  (set -e; "$@") >"$lane/$1.log" 2>&1
  status=$?
  set -e
  if ((status != 0)); then
    printf ' FAILED, see %s\n' "$lane/$1.log"
    tail -n 20 "$lane/$1.log" >&2
    exit 1
  fi
  printf '%4d s\n' $((SECONDS - from))
}

install_tools() {
  local missing=()
  command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
  command -v x86_64-w64-mingw32-gcc-win32 >/dev/null || missing+=(gcc-mingw-w64-x86-64-win32)
  ((${#missing[@]} == 0)) && return
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

# The mirror that this machine's apt already uses for Debian itself.
mirror() {
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n 1p
}

# Wine, its libraries and the C.UTF-8 locale (in libc-bin), unpacked only:
# nothing of it is configured, and nothing runs there but Wine.
unpack_wine() {
  [[ -x $lane/root/usr/lib/wine/wine64 ]] && return
  local uri
  uri=$(mirror)
  if [[ -z $uri ]]; then
    apt-get update
    uri=$(mirror)
  fi
  rm -rf "$lane/root" "$lane/root.new"
  mmdebstrap --variant=extract --mode=root --include=wine64,libc-bin \
    --aptopt='APT::Install-Recommends "false"' "$suite" "$lane/root.new" "${uri:?}"
  rm -rf "$lane/root.new"/{var,dev} "$lane/root.new"/usr/share/{doc,man,locale}
  # Wine would prefer its own programs to our stand-ins.
  rm "$lane/root.new"/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/{netstat,powershell}.exe
  mv "$lane/root.new" "$lane/root"
}

# The npm registry first, PyPI's wheel of the same version where npm lacks it.
fetch_deno() {
  [[ -e $lane/deno-$deno_version/deno.exe ]] && return
  local work="$lane/deno.new"
  rm -rf "$work"
  mkdir -p "$work"
  cd "$work"
  if npm pack "@deno/win32-x64@$deno_version" --silent; then
    tar -xzf ./*.tgz
  else
    python3 -m pip download --no-deps --platform win_amd64 --only-binary=:all: \
      "deno==$deno_version"
    python3 -m zipfile -e ./*.whl .
  fi
  mkdir -p "$lane/deno-$deno_version"
  find . -name deno.exe -exec mv {} "$lane/deno-$deno_version/" ';'
  cd "$lane"
  rm -rf "$work"
  [[ -e $lane/deno-$deno_version/deno.exe ]]
}

build_stand_ins() {
  local compile=(x86_64-w64-mingw32-gcc-win32 -std=c17 -O2 -Wall -Wextra -Werror -s
    -D_WIN32_WINNT=0x0601)
  "${compile[@]}" -o "$lane/netstat.exe" "$here/netstat.c" -liphlpapi -lws2_32
  "${compile[@]}" -municode -o "$lane/powershell.exe" "$here/powershell.c" -lcrypt32 -lntdll
}

create_prefix() {
  local prefix="$lane/prefix" system32="$lane/prefix/drive_c/windows/system32"
  [[ -e $lane/ready ]] && return
  rm -rf "$prefix"
  mkdir -p "$prefix/dosdevices" "$system32" "$prefix/drive_c/deno"
  ln -s ../drive_c "$prefix/dosdevices/c:"
  ln -s / "$prefix/dosdevices/z:"
  # Wine's user32 needs it; Debian keeps it where Wine does not look.
  cp "$lane/root/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$system32/"
  (wine_exec /usr/lib/wine/wine64 wineboot --init)
  (wine_exec /usr/lib/wine/wineserver64 --wait)
}

fill_prefix() {
  local drive="$lane/prefix/drive_c"
  local system32="$drive/windows/system32"
  mkdir -p "$system32/WindowsPowerShell/v1.0"
  cp --remove-destination "$lane/netstat.exe" "$system32/"
  cp --remove-destination "$lane/powershell.exe" "$system32/WindowsPowerShell/v1.0/"
  ln -f "$lane/deno-$deno_version/deno.exe" "$drive/deno/deno.exe"
  echo "deno $deno_version, wine from $suite" >"$lane/ready"
}

try_it() {
  DEVSVC_WINDOWS_LANE=$lane "$here/run.sh" deno.exe --version | tee /dev/stderr |
    grep -F "deno $deno_version " >/dev/null
}

((EUID == 0)) || skip "needs root"
command -v apt-get >/dev/null && [[ $(uname -m) == x86_64 ]] ||
  skip "needs Debian (or another system with apt) on x86_64"
unshare --mount --propagation private true 2>/dev/null || skip "needs mount namespaces"

start=$SECONDS
stage "tools of Debian" install_tools
stage "Wine of Debian $suite" unpack_wine
stage "Deno $deno_version for Windows" fetch_deno
stage "stand-ins" build_stand_ins
stage "drive C:" create_prefix
stage "programs on drive C:" fill_prefix
stage "deno.exe --version" try_it
printf 'windows lane: ready in %s (%d s)\n' "$lane" $((SECONDS - start))
