"""A tiny ONNX model, written by hand: the loudness of its input stands for a judgement."""


def mean_model(name: str = "input_features", mels: int = 80, frames: int = 800) -> bytes:
    """The sigmoid of the mean over all features: input (n, mels, frames), output (n, 1).

    Field numbers are those of onnx.proto, IR version 8, operator set 13.
    """
    reduce = _node("ReduceMean", name, "mean", _axes(1, 2))
    graph = (
        _field(1, reduce)
        + _field(1, _node("Sigmoid", "mean", "sigmoid"))
        + _field(1, _node("Flatten", "sigmoid", "logits"))
        + _field(2, b"mean")
        + _field(11, _value(name, (None, mels, frames)))
        + _field(12, _value("logits", (None, 1)))
    )
    return _number(1, 8) + _field(7, graph) + _field(8, _number(2, 13))


def _node(kind: str, source: str, target: str, attributes: bytes = b"") -> bytes:
    return (
        _field(1, source.encode())
        + _field(2, target.encode())
        + _field(4, kind.encode())
        + attributes
    )


def _axes(*axes: int) -> bytes:
    many = _field(1, b"axes") + b"".join(_number(8, axis) for axis in axes) + _number(20, 7)
    return _field(5, many)


def _value(name: str, shape: tuple[int | None, ...]) -> bytes:
    sizes = b"".join(_field(1, b"" if size is None else _number(1, size)) for size in shape)
    tensor = _number(1, 1) + _field(2, sizes)  # element type 1: float32
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
