"""GET /metrics: the series of this process, for Prometheus."""

from common.http.call import Answer, Call, Empty
from common.observability import metrics

MEDIA_TYPE = metrics.MEDIA_TYPE


def handle(_call: Call[Empty]) -> Answer:
    """Every series as text; asks nothing of anybody and counts for no quota."""
    return Answer(body=metrics.text(), media_type=metrics.MEDIA_TYPE)
