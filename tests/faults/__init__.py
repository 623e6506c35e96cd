import pytest

# Its assertions are worth reading, although it is no test itself.
pytest.register_assert_rewrite("tests.faults.verdict")
