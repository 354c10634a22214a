"""Keys of objects: what is allowed, so that any store can hold them and a key is always a path inside a folder."""

import mimetypes

MAX_BYTES = 1024
MAX_PART_BYTES = 200  # a file name holds 255, and the store adds to it


def check_key(key: str) -> str:
    """The key itself; ValueError, naming the fault, when it could leave the folder or no file system holds it."""
    parts = key.split("/")
    if not key or "" in parts:
        raise ValueError(f"the object key {key!r} has an empty part: write it as 'folder/name'")
    if "." in parts or ".." in parts:
        raise ValueError(f"the object key {key!r} has a part '.' or '..', which a key may not")
    check_prefix(key)
    if len(key.encode()) > MAX_BYTES or any(len(part.encode()) > MAX_PART_BYTES for part in parts):
        raise ValueError(f"the object key {key[:80]!r}… is too long: {MAX_BYTES} bytes, {MAX_PART_BYTES} per part")
    return key


def check_prefix(prefix: str) -> str:
    """The prefix itself; ValueError for characters that no key has."""
    if any(ord(sign) < 0x20 or ord(sign) == 0x7F or sign == "\\" or 0xD800 <= ord(sign) < 0xE000 for sign in prefix):
        raise ValueError(f"the object key {prefix!r} has a control character or a backslash")
    return prefix


def is_key(name: str) -> bool:
    """Whether something in a store that others may write to, too, is an object of ours."""
    try:
        return bool(check_key(name))
    except ValueError:
        return False


def guess_type(key: str) -> str:
    """The media type that a key's ending suggests."""
    return mimetypes.guess_type(key)[0] or "application/octet-stream"
