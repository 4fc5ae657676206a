"""What OpenVINO itself answers. Run by another interpreter, one that has openvino and numpy.

python openvino_reference.py GRAPH.xml INPUTS.npz OUTPUTS.npz: every input of the graph stands in
INPUTS under its name, with a batch; each example is run alone, in float32.
"""

import sys

import numpy as np
import openvino  # type: ignore[import-not-found]  # lives in that other environment


def main(graph: str, inputs: str, outputs: str) -> None:
    """Answer every example."""
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    model = openvino.Core().compile_model(graph, "CPU", settings)
    given = dict(np.load(inputs))
    rows = []
    for row in range(len(next(iter(given.values())))):
        answer = model({name: values[row : row + 1] for name, values in given.items()})
        rows.append(np.asarray(answer[model.outputs[0]]).ravel())
    np.savez(outputs, answer=np.stack(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
