"""Have the C library give freed pictures back to the system at once.

Left alone, it keeps what large arrays leave behind in each thread's own heap: half as much memory again for a render.
"""

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # names of settings, in glibc's malloc.h
_BYTES = 1 << 20


@cache
def give_back_freed_memory() -> bool:
    """Set it for the whole process, once; False where the C library knows no such setting."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _BYTES) and mallopt(_TRIM_THRESHOLD, _BYTES) and mallopt(_ARENA_MAX, 1))
