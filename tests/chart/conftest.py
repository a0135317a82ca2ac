"""The chart's tools are installed by `make chart`; without them these tests are skipped, by name."""

from __future__ import annotations

import pytest

from tests.chart.rendering import HELM, VALIDATE


@pytest.fixture(autouse=True, scope="session")
def tools() -> None:
    """Helm and the schemas of Kubernetes."""
    if not (HELM.exists() and VALIDATE.exists()):
        pytest.skip("helm is not set up: `make chart` does it, and runs these")
