"""Asks whether a pinned package has a known vulnerability: `python -m tests.audit`, a part of `make check`.

pip-audit reads requirements.lock and asks PyPI. Exit status 1 for a finding. Where the service cannot be reached, or a
mirror that knows no vulnerabilities answers in its place, that is said in a line, and nothing was audited.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
AWAY = "not audited: the vulnerability service cannot be reached"
NO_ANSWER = (
    "requests.exceptions.",
    "urllib3.exceptions.",
    "ConnectionError:",
    "pip_audit._service.interface.ConnectionError",
)
"""How the last line of what pip-audit says begins when it got no answer."""


def ask(lock: Path = LOCK) -> subprocess.CompletedProcess[str]:
    """What pip-audit says of the pinned packages; it installs and resolves nothing."""
    options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json", "--timeout", "10"]
    argv = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), *options]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def judge(said: str, trouble: str) -> tuple[int, list[str]]:
    """The exit status and the lines for people, from pip-audit's JSON and its standard error."""
    try:
        packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except ValueError:
        last = (trouble.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return (0, [AWAY]) if last.startswith(NO_ANSWER) else (1, [f"pip-audit failed: {last}"])
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    if packages and len(unknown) == len(packages):
        return 0, [f"{AWAY} (what answers in its place knows none of the {len(packages)} pinned packages)"]
    lines = [_finding(one, found) for one in packages for found in one.get("vulns", ())]
    if unknown:
        lines.append(f"not audited, since the vulnerability service does not know them: {', '.join(unknown)}")
    findings = any(one.get("vulns") for one in packages)
    audited = len(packages) - len(unknown)
    return (1, lines) if findings else (0, [*lines, f"{audited} pinned packages: no known vulnerability"])


def _finding(package: dict[str, Any], found: dict[str, Any]) -> str:
    fixed = ", ".join(found["fix_versions"])
    remedy = f"`make lock` takes {fixed}" if fixed else "there is no fixed release yet"
    return f"{package['name']} {package['version']} has {found['id']}: {remedy}"


def main() -> int:
    """Ask and tell."""
    done = ask()
    status, lines = judge(done.stdout, done.stderr)
    for line in lines:
        print(f"audit: {line}", file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
