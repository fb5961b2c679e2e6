"""A small release that tests read; those that damage one copy it first."""

import shutil
from pathlib import Path

import pytest

from koga.release.keys import PublicKey
from tests.release.sample import build_sample, sample_key


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed release of the fictional city."""
    return build_sample(tmp_path_factory.mktemp("release") / "first", 120)[0]


@pytest.fixture
def copied(sample: Path, tmp_path: Path) -> Path:
    """The sample, to damage."""
    return Path(shutil.copytree(sample, tmp_path / "copied"))


@pytest.fixture
def public() -> PublicKey:
    """The key that verifies the sample."""
    return sample_key().public
