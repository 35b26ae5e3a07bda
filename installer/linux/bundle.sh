#!/usr/bin/env bash
# bundle.sh BUILD BUNDLE: a folder that runs wherever it lies, with Qt and every library that not each desktop has. The programs
# find the libraries, and Qt its plugins, from where they stand themselves.
set -euo pipefail
build=$1 bundle=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
qt_plugins=$(qmake6 -query QT_INSTALL_PLUGINS)
plugins=(platforms/libqxcb platforms/libqoffscreen xcbglintegrations/libqxcb-egl-integration
    xcbglintegrations/libqxcb-glx-integration platforminputcontexts/libcomposeplatforminputcontextplugin
    platforminputcontexts/libibusplatforminputcontextplugin sqldrivers/libqsqlite iconengines/libqsvgicon
    imageformats/libqsvg imageformats/libqjpeg imageformats/libqgif imageformats/libqico)

"$here/stage.sh" "$build" "$bundle.stage" /bundle
rm -rf "$bundle"
mv "$bundle.stage/bundle" "$bundle"
rmdir "$bundle.stage"
mkdir -p "$bundle/lib" "$bundle/plugins"
for plugin in "${plugins[@]}"; do
    install -D -m 644 "$qt_plugins/$plugin.so" "$bundle/plugins/$plugin.so"
done
printf '[Paths]\nPrefix=..\nPlugins=plugins\n' >"$bundle/bin/qt.conf"

host=()
while read -r name; do [[ $name == '#'* ]] || host+=("$name"); done <"$here/host_libraries.txt"
is_host() {
    local pattern
    for pattern in "${host[@]}"; do
        # shellcheck disable=SC2053 # a pattern, on purpose
        [[ ${1%%.so*} == $pattern ]] && return
    done
    return 1
}

# Only what a file itself names is followed, so that what a library of the host needs stays the host's business.
origins=()
bring_needed_by() {
    local name path
    for name in $(patchelf --print-needed "$1"); do
        if is_host "$name" || [ -e "$bundle/lib/$name" ]; then continue; fi
        path=$(ldd "$1" | awk -v name="$name" '$1 == name && $2 == "=>" { print $3 }')
        [ -f "$path" ] || { echo "bundle.sh: $1 needs $name, which is not on this machine" >&2; exit 1; }
        install -m 644 "$path" "$bundle/lib/$name"
        origins+=("$path")
        bring_needed_by "$bundle/lib/$name"
    done
}
for file in "$bundle"/bin/bathy*; do bring_needed_by "$file"; done
for plugin in "${plugins[@]}"; do
    bring_needed_by "$bundle/plugins/$plugin.so"
    origins+=("$qt_plugins/$plugin.so")
done

# shellcheck disable=SC2016 # $ORIGIN is for the loader, not for the shell
{
    patchelf --set-rpath '$ORIGIN/../lib' "$bundle"/bin/bathy*
    find "$bundle/plugins" -name '*.so' -exec patchelf --set-rpath '$ORIGIN/../../lib' {} +
    find "$bundle/lib" -name '*.so*' -exec patchelf --set-rpath '$ORIGIN' {} +
}
cp "$here/add-to-menu" "$bundle/"

# Which Debian package each came from, for the licences here and for the bill of materials.
licences=$bundle/share/doc/bathyscope/licences
mkdir -p "$licences"
{
    for path in "${origins[@]}"; do
        dpkg-query -S "$(realpath "$path")" 2>/dev/null || dpkg-query -S "${path#/usr}"
    done | cut -d: -f1
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/../compiled_in.txt"
} | LC_ALL=C sort -u >"$bundle/share/doc/bathyscope/packages.txt"
while read -r package; do
    cp "/usr/share/doc/$package/copyright" "$licences/$package.txt"
done <"$bundle/share/doc/bathyscope/packages.txt"
find "$bundle" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
