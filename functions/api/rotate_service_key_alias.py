"""POST /admin/keys/rotate: the other name of POST /admin/api-keys/rotate; one rule serves both."""

from functions.api.rotate_service_key import EXAMPLE, PROBLEMS, REPLY_EXAMPLE, Body, Reply, handle

__all__ = ["EXAMPLE", "PROBLEMS", "REPLY_EXAMPLE", "Body", "Reply", "handle"]
