"""The house rules that a machine can hold: who may import whom, what the lock file says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_imports_go_one_way_and_rules_are_pure() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_rules_load_without_the_shell() -> None:
    script = "import sys, rules.decide, rules.testing; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"redis", "rq", "httpx", "starlette", "uvicorn", "prometheus_client", "service", "workers"}


def test_every_pinned_package_has_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pins = re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\\n    --hash=sha256:", text, flags=re.MULTILINE | re.IGNORECASE)
    assert len(pins) == len(re.findall(r"^\S+==", text, flags=re.MULTILINE)) > 30
