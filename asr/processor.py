"""What kinds of arithmetic the processor has, as Linux tells it (the flags of /proc/cpuinfo); pure but for reading."""

from pathlib import Path

_TOLD = Path("/proc/cpuinfo")
_AVX_512 = {"avx512f", "avx512cd", "avx512vl", "avx512bw", "avx512dq"}
"""What CTranslate2's code for it asks of a processor."""
_VNNI = {"avx512_vnni", "avx_vnni"}

Flags = frozenset[str]


def processor_flags() -> Flags:
    """Empty where they are not told, and for a processor that is no x86."""
    told = _TOLD.read_text() if _TOLD.is_file() else ""
    return frozenset(told.partition("\nflags")[2].partition(":")[2].partition("\n")[0].split())


def has_wide_vectors(flags: Flags) -> bool:
    """AVX-512."""
    return flags >= _AVX_512


def adds_signed_bytes_exactly(flags: Flags) -> bool:
    """Whether products of unsigned and signed bytes may be added up without a loss.

    An x86 without VNNI adds every two of them in 16 bits, which overflow (vpmaddubsw); onnxruntime does so all the same
    ("Quantize ONNX models", on U8S8). Products of unsigned bytes alone it takes another way, in 32 bits.
    """
    return not flags or bool(flags & _VNNI)
