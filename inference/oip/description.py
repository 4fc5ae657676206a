"""A model and its numbers as messages: metadata, configuration, statistics, index."""

from collections.abc import Iterable

from rapt.oip import inference_pb2 as pb

from inference.oip.models import VERSION, ModelCard, ServedModel
from inference.oip.parameters import DEFAULT_PRIORITY, MAX_PRIORITY
from inference.oip.statistics import Duration, Statistics, Times
from inference.oip.tensors import BYTES, TensorSpec

ANY = -1
US = 1_000_000


def metadata_of(card: ModelCard) -> pb.ModelMetadataResponse:
    """Return what a client must know to ask the model."""
    return pb.ModelMetadataResponse(
        name=card.name,
        versions=[VERSION],
        platform=card.platform,
        inputs=[_tensor(spec) for spec in card.inputs],
        outputs=[_tensor(spec) for spec in card.outputs],
    )


def config_of(card: ModelCard) -> pb.ModelConfig:
    """Return how the model is served, in Triton's words."""
    config = pb.ModelConfig(
        name=card.name,
        platform=card.platform,
        backend="rapt",
        max_batch_size=card.max_rows,
        input=[
            pb.ModelInput(name=spec.name, data_type=_kind(spec), dims=spec.shape)
            for spec in card.inputs
        ],
        output=[
            pb.ModelOutput(name=spec.name, data_type=_kind(spec), dims=spec.shape)
            for spec in card.outputs
        ],
        parameters={
            spec.name: pb.ModelParameter(string_value=spec.meaning)
            for spec in (*card.inputs, *card.outputs)
            if spec.meaning
        },
        model_transaction_policy=pb.ModelTransactionPolicy(decoupled=False),
    )
    _add_scheduling(config, card)
    return config


def statistics_of(model: ServedModel) -> pb.ModelStatistics:
    """Return what the model has served. All counts of a request's parts are equal."""
    counted: Statistics = model.statistics
    by_rows = counted.by_rows()
    return pb.ModelStatistics(
        name=model.card.name,
        version=VERSION,
        last_inference=counted.last_ms,
        inference_count=counted.rows,
        execution_count=counted.runs,
        inference_stats=pb.InferStatistics(
            success=_duration(counted.success),
            fail=_duration(counted.fail),
            queue=_duration(counted.queue),
            compute_input=_duration(counted.times.prepare),
            compute_infer=_duration(counted.times.run),
            compute_output=_duration(counted.times.reply),
            cache_hit=pb.StatisticDuration(),
            cache_miss=pb.StatisticDuration(),
        ),
        batch_stats=[_batch(rows, times) for rows, times in by_rows.items()],
    )


def index_of(models: Iterable[ServedModel], *, is_ready: bool) -> pb.RepositoryIndexResponse:
    """Return all models, by name."""
    entry = pb.RepositoryIndexResponse.ModelIndex
    return pb.RepositoryIndexResponse(
        models=[
            entry(
                name=model.card.name,
                version=VERSION,
                state="READY" if is_ready else "UNAVAILABLE",
                reason="" if is_ready else "this worker is stopping",
            )
            for model in sorted(models, key=lambda model: model.card.name)
        ]
    )


def _add_scheduling(config: pb.ModelConfig, card: ModelCard) -> None:
    if card.max_sequences:
        batching = config.sequence_batching
        batching.max_sequence_idle_microseconds = round(card.max_idle_s * US)
        batching.oldest.max_candidate_sequences = card.max_sequences
        batching.oldest.preferred_batch_size.extend(card.buckets)
        return
    config.dynamic_batching.preferred_batch_size.extend(card.buckets)
    config.dynamic_batching.priority_levels = MAX_PRIORITY
    config.dynamic_batching.default_priority_level = DEFAULT_PRIORITY


def _tensor(spec: TensorSpec) -> pb.ModelMetadataResponse.TensorMetadata:
    return pb.ModelMetadataResponse.TensorMetadata(
        name=spec.name, datatype=spec.datatype, shape=[ANY, *spec.shape]
    )


def _kind(spec: TensorSpec) -> pb.DataType.ValueType:
    word = "STRING" if spec.datatype == BYTES else spec.datatype
    return pb.DataType.Value(f"TYPE_{word}")


def _duration(duration: Duration) -> pb.StatisticDuration:
    return pb.StatisticDuration(count=duration.count, ns=duration.ns)


def _batch(rows: int, times: Times) -> pb.InferBatchStatistics:
    return pb.InferBatchStatistics(
        batch_size=rows,
        compute_input=_duration(times.prepare),
        compute_infer=_duration(times.run),
        compute_output=_duration(times.reply),
    )
