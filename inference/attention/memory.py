"""What a stream remembers from frame to frame: the person, and the moment. Numbers, no picture."""

from dataclasses import dataclass, field

from inference.attention.blinks import Eyelids
from inference.attention.direction import Direction
from inference.attention.filter import Belief, start
from inference.attention.person import Person
from inference.attention.reasons import Held


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Everything that is carried from one frame of a stream to the next."""

    person: Person
    belief: Belief
    eyelids: Eyelids = field(default_factory=Eyelids)
    held: tuple[Held, ...] = ()
    last_look: Direction | None = None
    """Where clearly open eyes last looked, less usual."""
    last_s: float | None = None

    @classmethod
    def new(cls) -> "Memory":
        """Nothing seen yet."""
        return cls(Person.new(), start())

    def to_bytes(self) -> bytes:
        """What is worth carrying to another worker: the person, in less than a kilobyte.

        What is believed at the moment is left out: it is a few frames' work, and old when read.
        """
        return self.person.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Memory":
        """What `to_bytes` wrote; a new memory from anything else."""
        return cls(Person.from_bytes(data), start())
