"""The section of hotline.toml that belongs to this room."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ModelType = Literal[
    "",
    "streaming-zipformer",
    "streaming-paraformer",
    "zipformer",
    "paraformer",
    "sense-voice",
    "ctc",
]


class AsrSettings(BaseModel):
    """How speech is found, cut, and recognised."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    engine: Literal["whisper", "vosk", "sherpa-onnx", "remote"] = "whisper"
    """Who recognises: whisper comes with the service; vosk and sherpa-onnx are extras whose models are fetched by name;
    remote is a server elsewhere that speaks vosk-server's WebSocket protocol."""

    model: str = ""
    """A name of `hotline models list`, or a folder; empty: the engine's own (whisper-base, vosk-model-small-cn-0.22,
    sense-voice-small)."""

    model_type: ModelType = ""
    """What a sherpa-onnx folder holds; empty: as the model's manifest says. streaming-… hears while somebody speaks."""

    remote_url: str = Field("ws://127.0.0.1:2700", pattern="^wss?://")
    """Where the remote engine is."""

    remote_timeout_s: float = Field(5.0, gt=0, le=60)
    """The remote engine has to answer within this time; its words are else lost until after the call."""

    serve: Literal["", "ws"] = ""
    """ws: the listener also serves others by vosk-server's WebSocket protocol (`hotline run listen --serve ws`)."""

    serve_host: str = "127.0.0.1"
    """Address to serve on; 0.0.0.0 lets other machines in: there is no password in this protocol."""

    serve_port: int = Field(2700, ge=0, le=65535)
    """0: any free port."""

    serve_guests: int = Field(8, ge=1, le=1000)
    """Connections at a time; further ones are closed with 1013."""

    voice_activity: Literal["silero", "webrtc"] = "silero"
    """Who tells voice from noise; silero is the better one in noise."""

    workers: int = Field(0, ge=0, le=64)
    """Recognitions at once; 0: one for each core, four at most."""

    isolation: Literal["processes", "threads"] = "processes"
    """processes: each worker is one, and is replaced when it crashes, hangs or swells; threads: all in the listener,
    which takes less memory, and ends with the engine. A remote engine always has threads."""

    worker_growth_mib: int = Field(512, ge=64, le=65536)
    """Memory that a worker process may gain after its first answer before it is replaced."""

    hang_after_s: float = Field(5.0, ge=1, le=120)
    """A worker process may take so long, and as long as the sound it was given; then it is killed."""

    threads_per_worker: int = Field(1, ge=1, le=32)
    batch: int = Field(4, ge=1, le=16)
    """Utterances that one recognition may take together when some wait."""

    beam: int = Field(8, ge=1, le=16)
    """Hypotheses kept for finals; partials are greedy."""

    language_model: bool = True
    """Choose among the hypotheses, and among words that sound like them, by a model of Chinese words where it is here
    (`hotline models list`)."""

    read_numbers: bool = True
    """Hear what sounds like a read-out number once more as digits: half a second of one core more for such a final."""

    first_partial_ms: int = Field(800, ge=200, le=10000)
    """So long after the voice began its first words are tried for."""

    partial_every_ms: int = Field(1000, ge=200, le=10000)
    """Words are shown so often while somebody speaks; rarer as an utterance grows beyond four times this."""

    pre_roll_ms: int = Field(300, ge=0, le=1000)
    """Sound kept before the voice was noticed."""

    hang_over_ms: int = Field(500, ge=200, le=3000)
    """Silence that ends an utterance."""

    speculate_after_ms: int = Field(130, ge=100, le=3000)
    """Silence after which recognition of the final already begins, in case that the voice does not come back."""

    min_speech_ms: int = Field(200, ge=60, le=1000)
    longest_utterance_ms: int = Field(14000, ge=4000, le=20000)
    """Longer speech is cut at its quietest point."""

    long_silence_s: float = Field(30.0, ge=5, le=600)
    """A call in which nobody speaks for so long, or whose caller has said nothing at all, is shown as silent."""

    max_streams: int = Field(0, ge=0, le=1000)
    """Streams that this process takes; 0: as many as it measures itself to be able to serve."""

    niceness: int = Field(5, ge=0, le=19)
    """How far recognition stands back behind the sound of the calls when the processor is short."""

    stream_timeout_s: float = Field(10.0, gt=0, le=600)
    """A stream on which nothing comes for so long is closed."""
