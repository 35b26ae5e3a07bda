#!/usr/bin/env python3
"""Prints the bill of materials of a package as SPDX 2.3: sbom.py FILE PACKAGES

PACKAGES lists Debian packages of this machine whose code is in FILE. What dpkg and their copyright files say of them is taken
as it stands; the same file and the same packages give the same bytes.
"""
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listed(path: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return sorted({line for line in lines if line})


def licences(package: str) -> str:
    """The short names that a machine-readable copyright file gives, as they are there."""
    text = Path(f"/usr/share/doc/{package}/copyright").read_text(errors="replace")
    names = sorted(set(re.findall(r"^License: *(\S.*?) *$", text, re.MULTILINE))) if text.startswith("Format:") else []
    return "Debian's copyright file names: " + "; ".join(names) if names else "See Debian's copyright file of this package."


def described(package: str) -> dict:
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\t${source:Package}\t${source:Version}\t${Homepage}", package],
                           capture_output=True, text=True, check=True)
    version, source, source_version, homepage = asked.stdout.split("\t")
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", package),
        "name": package,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "homepage": homepage or "NOASSERTION",
        "sourceInfo": f"Debian source package {source} {source_version}",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "licenseComments": licences(package),
        "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{package}@{version.replace('+', '%2B').replace(':', '%3A')}"}],
    }


def main() -> None:
    file, packages = Path(sys.argv[1]), listed(Path(sys.argv[2]))
    digest = sha256(file)
    created = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    program = {
        "SPDXID": "SPDXRef-bathyscope",
        "name": "bathyscope",
        "versionInfo": os.environ["BATHY_VERSION"],
        "packageFileName": file.name,
        "supplier": "Organization: The Bathyscope project",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "licenseConcluded": "GPL-3.0-or-later",
        "licenseDeclared": "GPL-3.0-or-later",
        "copyrightText": "2026 The Bathyscope project",
    }
    parts = [described(package) for package in packages]
    json.dump({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": file.name,
        "documentNamespace": f"urn:sha256:{digest}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: installer/sbom.py"]},
        "packages": [program, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-bathyscope"},
            *({"spdxElementId": "SPDXRef-bathyscope", "relationshipType": "CONTAINS", "relatedSpdxElement": part["SPDXID"]}
              for part in parts)],
    }, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
