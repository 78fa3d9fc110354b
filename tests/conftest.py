import os

# Before TensorFlow is imported, here and in the processes that tests start.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
from common import CPUS
from hypothesis import HealthCheck, settings

from seqaug import _core

settings.register_profile(
    "seqaug", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("seqaug")


@pytest.fixture(params=CPUS)
def cpu(request):
    """Runs a test once with every variant of the kernels that this machine has."""
    yield _core.use_cpu(request.param)
    _core.use_cpu(os.environ.get("SEQAUG_CPU"))


@pytest.fixture
def file(tmp_path):
    """What pictures in a cache are said to be made of."""
    path = tmp_path / "picture"
    path.write_bytes(b"as it was")
    return path


@pytest.fixture
def where(tmp_path):
    """A cache's folder, which there is not yet."""
    return tmp_path / "cache"
