"""One student against a gateway that can be cut off."""

from rapt.client import Rest
from rapt.v1 import perception_pb2 as perception

from demo.playing import Deed, Kind
from demo.script import Mood, Part, Scene, Way
from demo.sheet import Sheet
from demo.student import Stage, Student
from tests.demo.fakes import TOKEN, FakeGateway, serving

PART = Part(
    index=0,
    name="Somebody",
    way=Way.HIDES,
    comes_ms=0,
    deeds=(
        Deed(0, Kind.OPEN),
        Deed(100, Kind.PLAY),
        Deed(700, Kind.HIDDEN),
        Deed(1_300, Kind.VISIBLE),
        Deed(1_900, Kind.CLOSE),
    ),
    scenes=(Scene(0, 1_900, Mood.FOCUSED),),
)


class StillCamera:
    """Always the same picture; remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Mood, float]] = []

    def frame(self, mood: Mood, at_s: float) -> bytes:
        """A picture."""
        self.asked.append((mood, at_s))
        return b"picture"


async def attend(gateway: FakeGateway, camera: StillCamera) -> Sheet:
    """Play the part to its end."""
    sheet = Sheet(PART.name)
    async with serving(gateway), Rest(gateway.url, TOKEN) as rest:
        await Student(Stage(rest, "5", 60_000), PART, camera, sheet).attend()
    return sheet


async def test_everything_scripted_arrives_with_its_scripted_time() -> None:
    """However late the machine is, an event carries the time that it was meant for."""
    gateway, camera = FakeGateway(), StillCamera()
    sheet = await attend(gateway, camera)
    events = [gateway.events[seq] for seq in sorted(gateway.events)]
    assert [event.at_us - sheet.began_us for event in events] == [
        deed.at_ms * 1000 for deed in PART.deeds
    ]
    assert [(s.from_ms, s.to_ms, s.visible) for s in events[-1].segments] == [
        (0, 600, True),
        (600, 1_200, False),
        (1_200, 1_800, True),
    ]
    assert gateway.closes == [perception.EXIT_REASON_LEFT]
    assert sheet.closed is not None
    assert sheet.failure == ""


async def test_a_hidden_page_sends_no_frames() -> None:
    """Between hidden and visible the camera is not asked."""
    gateway, camera = FakeGateway(), StillCamera()
    sheet = await attend(gateway, camera)
    assert camera.asked
    assert not [at_s for _, at_s in camera.asked if 0.7 <= at_s < 1.3]
    assert sheet.frames_sent == sheet.verdicts == len(gateway.frames)


async def test_a_cut_in_the_middle_loses_no_event() -> None:
    """The student goes on where the socket broke."""
    gateway = FakeGateway(cut_after=[3])
    sheet = await attend(gateway, StillCamera())
    assert sorted(gateway.events) == [1, 2, 3, 4, 5]
    assert sheet.connections == 2


async def test_a_refused_student_ends_alone() -> None:
    """The reason stands on the sheet; nothing is raised."""
    sheet = await attend(FakeGateway(close_code=4403), StillCamera())
    assert "refused" in sheet.failure
    assert sheet.closed is None


async def test_a_busy_gateway_is_asked_again() -> None:
    """A session that finds no room at first is opened a moment later."""
    sheet = await attend(FakeGateway(busy_answers=1), StillCamera())
    assert sheet.closed is not None
