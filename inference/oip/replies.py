"""From rows of results to the reply of a request.

The part of a reply that never changes is made once per model and copied: a request of one row that
wants every output costs one copy and its bytes.
"""

from collections.abc import Sequence

from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

from inference.oip.models import VERSION, ModelCard
from inference.oip.tensors import BYTES, Row, element

FINAL = "triton_final_response"


class Replies:
    """Makes the replies of one model."""

    def __init__(self, card: ModelCard) -> None:
        self._card = card
        self._places = {spec.name: index for index, spec in enumerate(card.outputs)}
        self._one_row = self._empty(range(len(card.outputs)), rows=1)

    def wanted(self, request: pb.ModelInferRequest) -> Sequence[int]:
        """Return the places of the outputs that a request wants.

        Raises:
            InvalidMessage: the model has no such output, or one is wanted twice.
        """
        if not request.outputs:
            return range(len(self._card.outputs))
        places: list[int] = []
        for output in request.outputs:
            place = self._places.get(output.name)
            if place is None:
                known = ", ".join(self._places)
                raise InvalidMessage(f"there is no output {output.name[:64]!r}; there are {known}")
            if place in places:  # a reply could be a thousand times its request
                raise InvalidMessage(f"the output {output.name!r} is wanted twice")
            places.append(place)
        return places

    def make(
        self, request: pb.ModelInferRequest, wanted: Sequence[int], rows: Sequence[Sequence[Row]]
    ) -> pb.ModelInferResponse:
        """Return the reply.

        Args:
            request: what is answered.
            wanted: places of its outputs.
            rows: of results, each with every output of the model.
        """
        reply = pb.ModelInferResponse()
        if len(rows) == 1 and isinstance(wanted, range):
            reply.CopyFrom(self._one_row)
        else:
            reply.CopyFrom(self._empty(wanted, rows=len(rows)))
        reply.id = request.id
        for place in wanted:
            values = [row[place] for row in rows]
            if self._card.outputs[place].datatype != BYTES:
                raw = bytes(values[0]) if len(values) == 1 else b"".join(values)
            else:
                raw = b"".join(values)
            reply.raw_output_contents.append(raw)
        return reply

    def _empty(self, wanted: Sequence[int], *, rows: int) -> pb.ModelInferResponse:
        """Return a reply without its values."""
        reply = pb.ModelInferResponse(model_name=self._card.name, model_version=VERSION)
        reply.parameters[FINAL].bool_param = True
        for place in wanted:
            spec = self._card.outputs[place]
            reply.outputs.add(name=spec.name, datatype=spec.datatype, shape=[rows, *spec.shape])
        return reply


def words(*values: str) -> bytes:
    """Return a row of BYTES that holds words."""
    return b"".join(element(value.encode()) for value in values)
