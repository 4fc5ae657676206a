"""What MediaPipe's own graph answers. Run by another interpreter, one that has mediapipe 0.10.21.

python mediapipe_reference.py CROPS.npy ANSWERS.npz: CROPS are faces as the attention mesh sees
them, (N, 192, 192, 3) RGB bytes; ANSWERS get the seven outputs in the file's order, (N, values).
The plain tflite interpreter lacks the mesh's three own operators, so MediaPipe itself must run it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import mediapipe  # type: ignore[import-not-found]  # lives in that other environment
import numpy as np

OUTPUTS = 7
SIDE_PX = 192


def lines(model: Path) -> Iterator[str]:
    """Yield the graph: picture to tensor, inference, and each output as floats."""
    yield 'input_stream: "picture"'
    yield from (f'output_stream: "floats{i}"' for i in range(OUTPUTS))
    yield _node(
        "ImageToTensorCalculator",
        'input_stream: "IMAGE:picture" output_stream: "TENSORS:asked"',
        f"output_tensor_width: {SIDE_PX} output_tensor_height: {SIDE_PX} "
        "output_tensor_float_range { min: 0 max: 1 }",
    )
    yield _node("TfLiteCustomOpResolverCalculator", 'output_side_packet: "OP_RESOLVER:resolver"')
    yield _node(
        "InferenceCalculator",
        'input_stream: "TENSORS:asked" input_side_packet: "OP_RESOLVER:resolver" '
        'output_stream: "TENSORS:answered"',
        f'model_path: "{model}" delegate {{ xnnpack {{}} }}',
    )
    streams = " ".join(f'output_stream: "part{i}"' for i in range(OUTPUTS))
    ranges = " ".join(f"ranges {{ begin: {i} end: {i + 1} }}" for i in range(OUTPUTS))
    split = f'input_stream: "answered" {streams}'
    yield _node("SplitTensorVectorCalculator", split, ranges, options="SplitVectorCalculator")
    for i in range(OUTPUTS):
        ends = f'input_stream: "TENSORS:part{i}" output_stream: "FLOATS:floats{i}"'
        yield _node("TensorsToFloatsCalculator", ends)


def main(crops: str, answers: str) -> None:
    """Answer every crop."""
    package = Path(mediapipe.__file__).parent
    model = package / "modules" / "face_landmark" / "face_landmark_with_attention.tflite"
    graph = mediapipe.CalculatorGraph(graph_config="\n".join(lines(model)))
    rows: list[list[list[float]]] = [[] for _ in range(OUTPUTS)]
    for i in range(OUTPUTS):
        graph.observe_output_stream(
            f"floats{i}",
            lambda _, packet, i=i: rows[i].append(mediapipe.packet_getter.get_float_list(packet)),
        )
    graph.start_run()
    for time_us, crop in enumerate(np.load(crops)):
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=crop)
        packet = mediapipe.packet_creator.create_image(picture).at(time_us)
        graph.add_packet_to_input_stream("picture", packet)
        graph.wait_until_idle()
    graph.close()
    np.savez(answers, *[np.array(column) for column in rows])


def _node(calculator: str, streams: str, settings: str = "", *, options: str = "") -> str:
    table = f"mediapipe.{options or calculator}Options.ext"
    inside = f"options {{ [{table}] {{ {settings} }} }}" if settings else ""
    return f'node {{ calculator: "{calculator}" {streams} {inside} }}'


if __name__ == "__main__":
    main(*sys.argv[1:])
