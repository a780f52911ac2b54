"""Silero v6: the voice activity model, opened so that many streams can share one call.

The file that ships inside faster-whisper is exported for one stream: its first axis is time, and
windows laid along it are taken for successive windows of the same voice. Nothing in the weights
needs that. Before the model is loaded, three things are changed in its description, in memory:

- the transpose in front of the LSTM puts the windows on the batch axis, not on the time axis;
- the shapes of the states h and c allow any batch: (1, streams, 128) instead of (1, 1, 128);
- the notes on intermediate shapes, wrong by now, are left out (onnxruntime infers them anew).

Probabilities stay the same to the bit (a test holds that against the unchanged file). The
description is a protocol-buffers message; field numbers are those of onnx.proto, IR version 8.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnxruntime

WINDOW = 512
"""Samples of new sound the model judges at a time: 32 ms at 16 kHz."""

CONTEXT = 64
"""Samples of the window before that the model gets in front of each window."""

STATE = 128
"""Size of each of the two recurrent states of a stream."""

_ASSET = Path("assets", "silero_vad_v6.onnx")

_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_VALUE_INFO = 1, 11, 12, 13
_VARINT, _LENGTH_DELIMITED = 0, 2

_TRANSPOSE = b"\x1a\x0a/Transpose"  # a node's field 3 (name), the one in front of the LSTM
_BATCH_LATER = bytes.fromhex("4000 4002 4001")  # perm = [0, 2, 1]: (windows, 1, 128)
_BATCH_SECOND = bytes.fromhex("4002 4000 4001")  # perm = [2, 0, 1]: (1, windows, 128)
_ONE_STREAM = bytes.fromhex("0a020801 0a020801 0a03088001")  # shape (1, 1, 128)
_ANY_STREAMS = bytes.fromhex("0a020801 0a021200 0a03088001")  # shape (1, unnamed, 128)


class VoiceModelError(RuntimeError):
    """Voice model that is missing or is not the one expected; the text says what to do."""


def voice_model_path() -> Path:
    """Return the path of the model file, without importing faster_whisper (which takes 0.6 s).

    Raises VoiceModelError if it is not installed.
    """
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise VoiceModelError(
            "The package faster-whisper, which carries the voice model, is not installed."
        )
    path = Path(spec.origin).parent / _ASSET
    if not path.is_file():
        raise VoiceModelError(
            f"The voice model {_ASSET.name} is not in the installed faster-whisper: "
            "install the version named in pyproject.toml."
        )
    return path


def open_voice_model() -> "onnxruntime.InferenceSession":
    """Load the model for batches of streams; about 0.2 s with the import of onnxruntime.

    Inputs, all float32: input (streams, CONTEXT + WINDOW) in [-1, 1] at 16 kHz, h and c
    (1, streams, STATE), zeros at first. Outputs: probabilities (streams,), the next h and c.
    Raises VoiceModelError.
    """
    import onnxruntime

    model = batched(voice_model_path().read_bytes())
    options = onnxruntime.SessionOptions()
    # One call is too small to be worth the threads' handshake, and the cores have other work.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def batched(model: bytes) -> bytes:
    """Return the bytes of the model, changed as the docstring of this module says.

    Raises VoiceModelError if the bytes are not those of the model this was written for.
    """
    try:
        fields = list(_fields(model))
        graph = next(payload for number, payload, _ in fields if number == _MODEL_GRAPH)
        changed, edits = _batched_graph(graph)
    except (IndexError, StopIteration) as error:
        raise VoiceModelError("The voice model's file is not an ONNX model.") from error
    if edits != 5:  # one transpose; h and c, as inputs and as outputs
        raise VoiceModelError(
            "The voice model is not the expected export of Silero v6: "
            "install the version of faster-whisper named in pyproject.toml."
        )
    head = bytes([_MODEL_GRAPH << 3 | _LENGTH_DELIMITED]) + _varint(len(changed))
    return b"".join(head + changed if number == _MODEL_GRAPH else raw for number, _, raw in fields)


def _batched_graph(graph: bytes) -> tuple[bytes, int]:
    """Return the changed graph, and how many of its fields were changed."""
    parts: list[bytes] = []
    edits = 0
    for number, payload, raw in _fields(graph):
        if number == _GRAPH_VALUE_INFO:
            continue
        changed = raw
        if number == _GRAPH_NODE and _TRANSPOSE in payload:
            changed = raw.replace(_BATCH_LATER, _BATCH_SECOND)
        elif number in (_GRAPH_INPUT, _GRAPH_OUTPUT):
            changed = raw.replace(_ONE_STREAM, _ANY_STREAMS)
        # The edits keep a field's length, so its own header stays right.
        edits += changed != raw
        parts.append(changed)
    return b"".join(parts), edits


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the fields of a protocol-buffers message: number, payload, and the field as it is.

    Raises IndexError where the bytes are not such a message (with varints and length-delimited
    fields only, all that occurs here).
    """
    position = 0
    while position < len(message):
        begin = position
        tag, position = _read_varint(message, position)
        payload_begin = position
        value, position = _read_varint(message, position)
        if tag & 7 == _LENGTH_DELIMITED:
            payload_begin, position = position, position + value
        elif tag & 7 != _VARINT:
            raise IndexError("a wire type that an ONNX model has no use for here")
        if position > len(message):
            raise IndexError("a field that is longer than its message")
        yield tag >> 3, message[payload_begin:position], message[begin:position]


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return value, position


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
