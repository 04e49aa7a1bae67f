from pathlib import Path

from asr.processor import adds_signed_bytes_exactly, has_wide_vectors, processor_flags

MILAN = frozenset(["fpu", "sse2", "ssse3", "fma", "avx", "avx2", "vaes"])
SKYLAKE = MILAN | {"avx512f", "avx512cd", "avx512vl", "avx512bw", "avx512dq"}
ICE_LAKE = SKYLAKE | {"avx512_vnni"}
ALDER_LAKE = MILAN | {"avx_vnni"}
NO_X86: frozenset[str] = frozenset()


def test_only_vnni_adds_products_of_signed_bytes_exactly() -> None:
    assert [adds_signed_bytes_exactly(one) for one in (MILAN, SKYLAKE, ICE_LAKE, ALDER_LAKE, NO_X86)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_wide_vectors_need_all_parts_of_avx_512() -> None:
    assert [has_wide_vectors(one) for one in (MILAN, SKYLAKE, ICE_LAKE, SKYLAKE - {"avx512dq"}, NO_X86)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_this_processors_flags_are_those_of_its_first_core() -> None:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    told = [line.partition(":")[2].split() for line in lines if line.startswith("flags")]
    assert processor_flags() == frozenset(told[0] if told else [])
