"""Settings: frozen, typed, and checked."""

import pytest

from p2pkit.core import LocalProtocolError, Settings


class Speed(Settings, frozen=True, kw_only=True):
    limit: int = 8
    pause_s: float = 0.5


def test_without_changes_the_defaults_hold():
    assert Speed.of() == Speed(limit=8, pause_s=0.5)


def test_a_change_leaves_the_settings_it_began_with_as_they_were():
    before = Speed(limit=3)

    after = Speed.of(before, pause_s=2)

    assert (before, after) == (Speed(limit=3), Speed(limit=3, pause_s=2.0))


def test_a_setting_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(LocalProtocolError, match="no setting 'speed'; it has limit"):
        Speed.of(speed=1)


def test_a_value_of_the_wrong_type_is_refused_by_name():
    with pytest.raises(LocalProtocolError, match=r"Speed does not take that.*limit"):
        Speed.of(limit="many")


def test_settings_do_not_change():
    with pytest.raises(AttributeError):
        Speed().limit = 9
