#!/bin/sh
# Installs devsvc on Linux and macOS:
#
#   sh install.sh [VERSION]         (default: the newest)
#
# DEVSVC_INSTALL         the folder it goes to; default: ~/.local/bin
# DEVSVC_DOWNLOAD_BASE   where releases lie, for a mirror; as on GitHub there are
#                        BASE/download/vVERSION/FILE and BASE/latest/download/FILE
#
# What is downloaded must have the checksum that SHA256SUMS names. Nothing is
# put in place before it has, and has run once.
set -eu

base=${DEVSVC_DOWNLOAD_BASE:-https://github.com/devsvc/devsvc/releases}

fail() {
  printf 'devsvc: %s\n' "$1" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

platform() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=macos ;;
    *) fail "there is no build for $(uname -s); on Windows, use install.ps1" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) fail "there is no build for $(uname -m): only for x86_64 and aarch64" ;;
  esac
  # A shell that runs under Rosetta calls an Apple processor x86_64.
  if [ "$os" = macos ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then
    arch=aarch64
  fi
  printf '%s-%s' "$os" "$arch"
}

# Downloads a URL to a file; fails without a word.
download() {
  if has curl; then
    curl -fsSL --retry 2 -o "$2" "$1" 2>/dev/null
  elif has wget; then
    wget -q -O "$2" "$1"
  else
    fail "curl or wget is needed to download, and neither is here"
  fi
}

checksum() {
  if has sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif has shasum; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  else
    fail "sha256sum or shasum is needed to check what was downloaded"
  fi
}

main() {
  version=${1:-}
  version=${version#v}
  folder=${DEVSVC_INSTALL:-${HOME:?}/.local/bin}
  platform=$(platform)
  if [ -n "$version" ]; then
    from=$base/download/v$version
  else
    from=$base/latest/download
  fi

  work=$(mktemp -d)
  staged=
  trap 'rm -rf "$work" ${staged:+"$staged"}' EXIT
  trap 'exit 130' HUP INT TERM

  download "$from/SHA256SUMS" "$work/SHA256SUMS" ||
    fail "cannot download $from/SHA256SUMS: is ${version:-the newest} a released version, and is the network there?"
  # "CHECKSUM  devsvc-VERSION-OS-ARCH.tar.gz"
  line=$(grep -E "^[0-9a-f]{64}  devsvc-[0-9A-Za-z.+-]+-$platform\.tar\.gz\$" "$work/SHA256SUMS") ||
    fail "there is no build for $platform in $from/SHA256SUMS"
  expected=${line%% *}
  archive=${line##* }

  download "$from/$archive" "$work/$archive" || fail "cannot download $from/$archive"
  found=$(checksum "$work/$archive")
  [ "$found" = "$expected" ] ||
    fail "$archive is not what was released: its checksum is $found, expected $expected; nothing was installed"

  tar -xzf "$work/$archive" -C "$work" || fail "cannot unpack $archive"
  mkdir -p "$folder" || fail "cannot make $folder; name another one with DEVSVC_INSTALL"
  # Beside its place, so that the last step is one rename.
  staged=$folder/.devsvc-new-$$
  cp "$work/${archive%.tar.gz}/devsvc" "$staged" ||
    fail "cannot write to $folder; name another one with DEVSVC_INSTALL"
  chmod 755 "$staged"
  installed=$("$staged" --version) ||
    fail "the build for $platform does not run here (Linux: it needs glibc); nothing was installed"
  mv -f "$staged" "$folder/devsvc"
  staged=

  printf 'devsvc %s is installed: %s\n' "$installed" "$folder/devsvc"
  case :$PATH: in
    *:"$folder":*) ;;
    *) printf 'To call it by its name, add %s to PATH.\n' "$folder" ;;
  esac
}

# On the last line: half a script does nothing.
main "$@"
