"""What every test shares: an ordinary user, and how hypothesis picks its examples."""

from hypothesis import settings

from tests.ordinary_user import ordinary_user

__all__ = ["ordinary_user"]

# The same examples every time, so that a failure repeats itself; what failed is
# printed as a line to paste. New examples: pytest --hypothesis-profile=explore
settings.register_profile("repeat", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("repeat")
