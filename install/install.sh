#!/bin/sh
# Installs devsvc on Linux and macOS:
#
#   sh install.sh [--downgrade] [VERSION]         (default: the newest)
#
# --downgrade            replaces a newer version by an older one
# DEVSVC_DOWNGRADE       the same, set to 1
# DEVSVC_INSTALL         the folder it goes to; default: ~/.local/bin
# DEVSVC_DOWNLOAD_BASE   where releases lie, for a mirror; as on GitHub there are
#                        BASE/download/vVERSION/FILE and BASE/latest/download/FILE.
#                        It begins with https://; http:// for this machine only
#
# What is downloaded must have the checksum that SHA256SUMS names, and be the
# version that was asked for. Nothing is put in place before it has, and has run
# once.
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

# Which protocols a download may use, redirects too.
protocols() {
  case $base in
    https://?*) printf '=https' && return ;;
    http://*@*) ;;
    http://*)
      host=${base#http://}
      host=${host%%/*}
      case $host in
        127.0.0.1 | localhost | '[::1]' | 127.0.0.1:* | localhost:* | '[::1]:'*)
          printf '=http,https' && return
          ;;
      esac
      ;;
  esac
  fail "cannot download from $base: expected https://, since anybody on the way can change what comes by another protocol; set DEVSVC_DOWNLOAD_BASE"
}

# Downloads a URL to a file; fails without a word.
download() {
  if has curl; then
    curl --proto "$protocols" --proto-redir '=https' --tlsv1.2 -fsSL --retry 2 -o "$2" "$1" 2>/dev/null
  elif has wget; then
    # It has no word for "https only", but it shows where it was sent to.
    wget -q -S -O "$2" "$1" 2>"$work/headers" || return
    ! grep -Eiq '^ *location: *http:' "$work/headers"
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

is_version() {
  case $1 in
    *[!0-9A-Za-z.+-]*) return 1 ;;
    [0-9]*.[0-9]*.[0-9]*) ;;
    *) return 1 ;;
  esac
}

# Compares the parts of two lists such as 1.10.0 and 1.9.0, in this order: none,
# numbers, words.
compare() {
  left=$1. right=$2.
  while [ -n "$left$right" ]; do
    a=${left%%.*} b=${right%%.*}
    left=${left#*.} right=${right#*.}
    if [ "$a" = "$b" ]; then
      continue
    elif [ -z "$a" ]; then
      echo older
    elif [ -z "$b" ]; then
      echo newer
    else
      case $a in *[!0-9]*) a_is=word ;; *) a_is=number ;; esac
      case $b in *[!0-9]*) b_is=word ;; *) b_is=number ;; esac
      case $a_is-$b_is in
        number-number) if [ "$a" -lt "$b" ]; then echo older; else echo newer; fi ;;
        number-word) echo older ;;
        word-number) echo newer ;;
        *) if LC_ALL=C expr "x$a" '<' "x$b" >/dev/null; then echo older; else echo newer; fi ;;
      esac
    fi
    return
  done
  echo same
}

# Tells whether the first version comes before the second (semver.org, 11).
is_older() {
  first=${1%%+*} second=${2%%+*}
  order=$(compare "${first%%-*}" "${second%%-*}")
  if [ "$order" = same ]; then
    case $first,$second in
      *-*,*-*) order=$(compare "${first#*-}" "${second#*-}") ;;
      *-*,*) order=older ;;
    esac
  fi
  [ "$order" = older ]
}

main() {
  version=
  downgrade=${DEVSVC_DOWNGRADE:-}
  for word in "$@"; do
    case $word in
      --downgrade) downgrade=1 ;;
      -*) fail "there is no option $word: expected --downgrade or a version" ;;
      *)
        [ -z "$version" ] || fail "two versions were given, $version and $word: expected one"
        version=${word#v}
        is_version "$version" || fail "$word is no version: expected one such as 1.2.3"
        ;;
    esac
  done
  folder=${DEVSVC_INSTALL:-${HOME:?}/.local/bin}
  platform=$(platform)
  protocols=$(protocols)
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
  line=$(grep -E -m 1 "^[0-9a-f]{64}  devsvc-[0-9A-Za-z.+-]+-$platform\.tar\.gz\$" "$work/SHA256SUMS") ||
    fail "there is no build for $platform in $from/SHA256SUMS"
  expected=${line%% *}
  archive=${line##* }
  offered=${archive#devsvc-}
  offered=${offered%"-$platform.tar.gz"}
  [ -z "$version" ] || [ "$offered" = "$version" ] ||
    fail "$from has version $offered, and $version was asked for; nothing was installed"
  if [ "$downgrade" != 1 ] && present=$("$folder/devsvc" --version 2>/dev/null </dev/null) &&
    is_version "$present" && is_older "$offered" "$present"; then
    fail "version $present is installed, and $offered is older: give --downgrade to replace it; nothing was installed"
  fi

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
  installed=$("$staged" --version </dev/null) ||
    fail "the build for $platform does not run here (Linux: it needs glibc); nothing was installed"
  [ "$installed" = "$offered" ] ||
    fail "the program in $archive does not say that it is version $offered; nothing was installed"
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
