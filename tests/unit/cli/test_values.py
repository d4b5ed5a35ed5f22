import json

import pytest

from p2pkit.cli.values import arguments, event_line, settings, to_json
from p2pkit.core import (
    Address,
    Contact,
    Event,
    Finished,
    Id,
    LocalProtocolError,
    Settings,
    Step,
)

HEX = "0f" * 20


class Verbs:
    def put(self, value: bytes, ttl: int = 5) -> None: ...

    def get(self, key: Id | int) -> None: ...

    def near(self, address: Address, odds: float, sure: bool, name: str) -> None: ...

    def meet(self, contact: Contact) -> None: ...


class Config(Settings, frozen=True, kw_only=True):
    k: int = 8
    loss: float = 0.0
    name: str = ""


def test_arguments_are_read_by_their_annotations():
    assert arguments(Verbs.put, ["hello"]) == [b"hello"]
    assert arguments(Verbs.put, ["hex:00ff", "7"]) == [b"\x00\xff", 7]
    assert arguments(Verbs.get, [HEX]) == [int(HEX, 16)]
    read = arguments(Verbs.near, ["127.0.0.1:80", "0.5", "true", "x"])
    assert read == [("127.0.0.1", 80), 0.5, True, "x"]
    assert arguments(Verbs.meet, [f"{HEX}@127.0.0.1:80"]) == [
        Contact(int(HEX, 16), ("127.0.0.1", 80))
    ]


@pytest.mark.parametrize(
    ("verb", "texts"),
    [
        (Verbs.put, []),
        (Verbs.put, ["a", "1", "2"]),
        (Verbs.put, ["hex:0"]),
        (Verbs.put, ["a", "many"]),
        (Verbs.get, ["12"]),
        (Verbs.get, ["x" * 40]),
        (Verbs.near, ["here", "0.5", "true", "x"]),
        (Verbs.near, ["127.0.0.1:80", "half", "true", "x"]),
        (Verbs.near, ["127.0.0.1:80", "0.5", "maybe", "x"]),
        (Verbs.meet, [HEX]),
    ],
)
def test_what_cannot_be_read_is_a_sentence(verb, texts):
    with pytest.raises(LocalProtocolError):
        arguments(verb, texts)


def test_settings_are_read_as_json_or_text():
    config = settings(Config, ["k=20", "loss=0.1", "name=x"])

    assert (config.k, config.loss, config.name) == (20, 0.1, "x")


def test_results_become_json():
    assert to_json(Id(1)) == f"{1:040x}"
    assert to_json(2**159) == f"{2**159:040x}"
    assert to_json({Id(1): 3, "n": (None, True)}) == {f"{1:040x}": 3, "n": [None, True]}
    assert to_json(iter([b"a\x00"])) == [{"hex": "6100"}]
    assert to_json(("n00", 5)) == ["n00", 5]
    assert to_json(("::1", 5)) == "[::1]:5"


def test_an_event_is_a_line_with_ids_in_hex():
    step = Step(3, 1, 0.0, 0.5, "answered", (4,))
    line = event_line(Finished(1, "lookup", 2, True, 0.0, (step,)), 1.5)

    event = json.loads(line)
    assert "\n" not in line
    assert (event["event"], event["at_s"]) == ("finished", 1.5)
    assert event["target"] == f"{2:040x}"
    assert event["steps"][0]["peer"] == f"{3:040x}"
    assert event["steps"][0]["returned"] == [f"{4:040x}"]


def test_all_times_of_an_event_have_the_digits_of_its_own():
    event = Finished(1, "lookup", 2, True, 0.004648938000173075)

    shown = json.loads(event_line(event, 0.0047132))

    assert (shown["began_s"], shown["at_s"]) == (0.004649, 0.004713)


def test_a_peer_is_an_id_or_an_address():
    class Met(Event, frozen=True):
        peer: Address

    shown = json.loads(event_line(Met(("127.0.0.1", 6346)), 0.0))

    assert shown["peer"] == "127.0.0.1:6346"
