#!/usr/bin/env bash
# inside.sh FORMAT PACKAGE: runs as root inside a bare Debian; linux.sh made it and throws it away. Ends at the first thing that is
# not as promised.
set -euo pipefail
format=$1 package=$2
home=/home/tester
# Longer than the 260 characters that some systems allow, with what is awkward in names.
part="Ordner mit Leerzeichen, äöüß, 漢字 und 'Zeichen' – $(printf 'lang%.0s' {1..12})"
long=$home/$part/$part/$part
# What each desktop has and a bundle therefore leaves out, and what is needed to look at things here.
desktop=(libegl1 libgl1 libopengl0 libfontconfig1 libharfbuzz0b libdbus-1-3 libglib2.0-0 libsm6 libx11-xcb1)
tools=(xvfb xauth fonts-dejavu-core procps)

say() { echo "   $*"; }
die() { echo "inside.sh: $*" >&2; exit 1; }
as_user() { runuser -u tester -- env -C "$home" HOME="$home" XDG_RUNTIME_DIR=/run/tester QT_QPA_PLATFORM=offscreen "$@"; }
apt() { apt-get -o Dpkg::Use-Pty=0 -qq "$@" >/given/apt.log 2>&1 || { tail -20 /given/apt.log >&2; exit 1; }; }
ours() { find / -xdev \( -path /proc -o -path /given -o -path /var/lib/apt -o -path /var/cache -o -path /var/log \) -prune -o \
    -iname '*bathy*' -print | sort; }

install_package() {
    case $format in
        deb)
            apt install "$package"
            program=/usr/bin/bathyscope engine=/usr/bin/bathy
            [ -s /usr/share/man/man1/bathy.1.gz ] && [ -s /usr/share/man/man1/bathyscope.1.gz ]
            bash -c 'source /usr/share/bash-completion/completions/bathy && complete -p bathy' >/dev/null ;;
        tarball)
            apt install --no-install-recommends "${desktop[@]}" xz-utils
            as_user tar -xf "$package" -C "$long"
            mv "$long"/bathyscope-* "$long/Programm"
            as_user "$long/Programm/add-to-menu" >/dev/null
            [ -s "$home/.local/share/applications/bathyscope.desktop" ]
            program=$long/Programm/bin/bathyscope engine=$long/Programm/bin/bathy ;;
        appimage)
            apt install --no-install-recommends "${desktop[@]}"
            as_user cp "$package" "$long/Bathyscope.AppImage"
            as_user ln -s Bathyscope.AppImage "$long/bathy"
            program=$long/Bathyscope.AppImage engine=$long/bathy ;;
    esac
}

# Notes the engine hosts that run while the window is open: it must be the installed one.
watch_hosts() {
    local host
    while sleep 0.3; do
        for host in $(pgrep -f 'host --stdio'); do readlink "/proc/$host/exe"; done
    done >/given/hosts.txt 2>/dev/null
}

ask_in_the_window() {
    local model=() watcher host
    [ "$format" != tarball ] || model=("$long/Modell")
    as_user mkdir "$long/Bilder"
    watch_hosts &
    watcher=$!
    as_user QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1000x24" "$program" --shot "$long/Bilder" \
        --data "$long/shot-data" "${model[@]}" 2>/given/window.log || { cat /given/window.log >&2; die "the window did not answer"; }
    kill "$watcher"
    [ "$(find "$long/Bilder" -name '*.png' -size +4k | wc -l)" -ge 10 ] || die "pictures are missing"
    host=$(sort -u /given/hosts.txt)
    case $format in
        deb | tarball) [ "$host" = "$engine" ] || die "the engine was '$host'" ;;
        appimage) [[ $host == $home/.cache/bathyscope/appimage-????????????????/bin/bathy ]] || die "the engine was '$host'" ;;
    esac
    say "the window answered on X through the installed engine"
}

start_and_close() { # the folders that everybody has
    local status=0
    as_user timeout 12 "$program" 2>/given/start.log || status=$?
    [ $status -eq 124 ] || { cat /given/start.log >&2; die "the window ended by itself with $status"; }
    [ -s "$home/.local/share/bathyscope/conversations.db" ] || die "no conversations in the folder of data"
    say "the window opens offscreen"
}

# A driver is loaded into the bundled program: it must find its own libraries, newer than those of the bundle, not the bundle's.
load_driver() {
    local folder=$1 driver
    apt install --no-install-recommends mesa-vulkan-drivers libvulkan1 vulkan-tools
    driver=$(find /usr/lib -name libvulkan_lvp.so)
    as_user LD_BIND_NOW=1 LD_PRELOAD="$driver" "$folder/bin/bathyscope" --version >/dev/null || die "lavapipe does not load in the bundle"
    as_user LD_LIBRARY_PATH="$folder/lib" vulkaninfo --summary 2>/dev/null | grep -q llvmpipe || die "no llvmpipe with the bundle's libraries"
    as_user "$engine" devices | grep -q "libvulkan.so.1 is present" || die "the engine does not see the Vulkan loader"
    say "lavapipe loads beside the bundle; the engine sees the loader (it has no Vulkan backend yet)"
}

check_appimage() {
    local cache=$home/.cache/bathyscope unpacked begin
    unpacked=$(echo "$cache"/appimage-????????????????)
    begin=$(stat -c %Z "$unpacked")
    as_user mkdir "$cache/appimage-0123456789abcdef" "$cache/appimage-fedcba9876543210"
    as_user flock "$cache/appimage-fedcba9876543210.lock" sleep 60 &
    local holder=$!
    as_user "$engine" --version >/dev/null
    [ "$begin" = "$(stat -c %Z "$unpacked")" ] || die "unpacked a second time"
    rm -rf "$unpacked"
    as_user "$engine" --version >/dev/null
    [ ! -e "$cache/appimage-0123456789abcdef" ] || die "an older version was not cleared away"
    [ -e "$cache/appimage-fedcba9876543210" ] || die "a version in use was cleared away"
    kill "$holder"
    as_user env -C "$long" "$program" --appimage-extract
    as_user "$long/squashfs-root/AppRun" --version >/dev/null
    load_driver "$long/squashfs-root"
    say "unpacks once, makes room, and extracts"
}

remove_package() {
    case $format in
        deb) apt purge bathyscope ;;
        tarball)
            as_user "$long/Programm/add-to-menu" --remove >/dev/null
            rm -r "$long/Programm" ;;
        appimage) rm -r "$long/Bathyscope.AppImage" "$long/bathy" "$long/squashfs-root" ;;
    esac
    rm -r "$home/.cache/bathyscope"
    local left
    left=$(ours)
    [ "$left" = "$(printf '%s\n' "$home/.config/bathyscope" "$home/.local/share/bathyscope")" ] || die "left behind: $left"
    say "removed; only conversations and settings are left"
}

useradd -m tester
install -d -o tester -m 700 /run/tester
as_user mkdir -p "$long"
[ -z "$(ours)" ] || die "not a fresh system: $(ours)"
apt update
install_package
say "installed, $(du -shL "$package" | cut -f1)"
apt install --no-install-recommends "${tools[@]}"
as_user "$engine" --version
as_user "$engine" run bundled --quiet --prompt "Write a short story about a boat." -n 40 --temp 0 >/given/answer.txt
[ "$(wc -w </given/answer.txt)" -gt 15 ] || die "no answer: $(cat /given/answer.txt)"
checkpoint=$(as_user "$engine" doctor | sed -n 's,^bundled  *\(/.*\),\1,p')
as_user cp -r "$checkpoint" "$long/Modell"
as_user "$engine" run "$long/Modell" --quiet --prompt "Write a short story about a boat." -n 40 --temp 0 | cmp - /given/answer.txt
say "answers, also from a folder whose path has ${#long} characters"
start_and_close
ask_in_the_window
case $format in
    tarball) load_driver "$long/Programm" ;;
    appimage) check_appimage ;;
esac
remove_package
