# shellcheck shell=bash
# What setup.sh and run.sh share: where the lane is and how a program is run in it.
#
# Wine comes from a newer Debian than the machine's, unpacked into "$lane/root".
# It needs that Debian's libraries at their usual place, so each call sees
# "$lane/root/usr" as /usr, in a mount namespace of its own: all other paths stay
# as they are, and there is nothing to unmount when the last process ends.

# Set by the caller: the folder of the lane.
: "${lane:?}"

# Runs a Wine program, in place of this shell.
wine_exec() {
  unset DISPLAY WAYLAND_DISPLAY
  # The only UTF-8 locale there; without one Wine spoils accents in arguments.
  export LC_ALL=C.UTF-8
  export WINEPREFIX="$lane/prefix"
  export WINESERVER=/usr/lib/wine/wineserver64
  export WINEDEBUG="${WINEDEBUG--all}"
  # No .NET, no browser, no screen, no menus, no debugger waiting for someone.
  export WINEDLLOVERRIDES="mscoree,mshtml,winex11.drv,winewayland.drv,winemenubuilder.exe,winedbg.exe="
  # shellcheck disable=SC2016
  exec unshare --mount --propagation private sh -c \
    'mount --bind "$1/root/usr" /usr && shift && exec "$@"' sh "$lane" "$@"
}
