"""Small matrices: a second linear-algebra thread only makes the fits wait for each other."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    import scipy.linalg  # noqa: F401 - its library must be loaded to be limited

    with threadpool_limits(1):
        yield
