#!/usr/bin/env bash
# copyright.sh LIST: the file `copyright` of the Debian package: our own part, then those of the packages in LIST, whose code is
# compiled in.
set -euo pipefail
cat <<'OURS'
Bathyscope, a workbench for the DeepSeek family of language models
Copyright: 2026 The Bathyscope project
License: GPL-3+

 This program is free software: you can redistribute it and/or modify it under
 the terms of the GNU General Public License as published by the Free Software
 Foundation, either version 3 of the License, or (at your option) any later
 version. It comes without any warranty.

 On Debian systems the full text of the GNU General Public License version 3
 is in /usr/share/common-licenses/GPL-3.

NOTICE.md beside this file names what is compiled in or shipped along. What
follows are the copyright files of the libraries whose code is compiled into
the programs, as their own Debian packages bring them.
OURS
sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1" | while read -r package; do
    printf '\n===== %s =====\n\n' "$package"
    cat "/usr/share/doc/$package/copyright"
done
