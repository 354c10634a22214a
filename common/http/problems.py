"""Every way in which this service refuses: each `code` once, with its status, what it means and what to do about it.

The `type` of a problem document leads to a page made of these words; OpenAPI lists them by the operation that answers
them. A code never changes its meaning and is never taken away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Kind:
    """What stands behind one code: its usual status, its title, what happened and what the client does next."""

    status: int
    title: str
    meaning: str
    remedy: str
    also: tuple[int, ...] = ()  # further statuses it comes with

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that this code comes with."""
        return (self.status, *self.also)


PROBLEMS: Mapping[str, Kind] = MappingProxyType(
    {
        # 400: it cannot be read
        "bad_request": Kind(
            400,
            "Malformed request",
            "The request is no valid HTTP, for example its Host header or the encoding of its body.",
            "Send it with an ordinary HTTP client; detail says which part could not be read.",
            also=(501,),
        ),
        "invalid_json": Kind(
            400,
            "Not JSON",
            "The body is no valid JSON.",
            "Send one JSON object in UTF-8; detail says where reading stopped.",
        ),
        "ambiguous_credentials": Kind(
            400,
            "Two proofs of who calls",
            "Both Authorization and X-API-Key are there, and only one of them can say who calls.",
            "Send one of them.",
        ),
        "nothing_to_renew": Kind(
            400,
            "Nothing to renew",
            "The request has neither a refresh token in its body nor the cookie of a session.",
            'Send {"refresh_token": "…"}, or the cookies of a session with a CSRF token.',
        ),
        "no_session": Kind(
            400,
            "No login to end",
            "An ID token and an API key belong to no login of this service, so there is nothing to end.",
            "Let an ID token expire, or revoke the API key at DELETE /api-keys/{id}.",
        ),
        "invalid_idempotency_key": Kind(
            400,
            "Invalid Idempotency-Key",
            "The header Idempotency-Key is empty, longer than 255 characters or not visible ASCII.",
            "Use a random UUID, a new one for every new request.",
        ),
        "idempotency_key_refused": Kind(
            400,
            "No Idempotency-Key here",
            "The operation answers a secret that is shown once and kept nowhere, so a repeat cannot be answered alike.",
            "Send it without Idempotency-Key. If its answer is lost, list what is there, remove what was made, and "
            "send it again.",
        ),
        "invalid_filter": Kind(
            400,
            "Filter not valid",
            "The filter, or the search, cannot be understood: a field is unknown, or a value does not fit its field.",
            "Write field:value terms joined by commas, as status:completed,cost:<1; detail says which one is wrong.",
        ),
        "invalid_order_by": Kind(
            400,
            "Order not valid",
            "The list cannot be ordered like this.",
            "Use created_at or cost, with desc behind it for the highest first; a search comes newest first only.",
        ),
        "invalid_page_token": Kind(
            400,
            "Page token not valid",
            "The page_token was not given to this caller for this list with these parameters, or its key is gone.",
            "Send next_page_token as it came with the parameters of the page before, or begin at the first page.",
        ),
        "no_such_event": Kind(
            400,
            "No such event",
            "The last event that the client says it has is no number, or is beyond the end of the pipeline's log.",
            "Resume from the seq of the last message you received, or from 0 for the whole log.",
        ),
        # 401 and 403: who calls
        "unauthenticated": Kind(
            401,
            "Not authenticated",
            "Nothing in the request proves who calls, or what should prove it is invalid, expired or revoked.",
            "Get a new token and send it as Authorization: Bearer TOKEN; detail says what was wrong with the old one.",
        ),
        "login_refused": Kind(
            401,
            "Login refused",
            "The ID token is invalid, expired or revoked, or its user is gone or disabled.",
            "Sign in with the provider of identities again, and log in with the new ID token.",
        ),
        "refresh_refused": Kind(
            401,
            "Refresh refused",
            "The refresh token or session is unknown, expired, revoked, was used before, or its user is gone.",
            "Log in again. A refresh token works once: always keep the newest.",
        ),
        "session_stale": Kind(
            401,
            "Session to be renewed",
            "The browser's session lives, but its user and role were not proved for the life of an access token.",
            "POST /auth/refresh with the session's cookie and a CSRF token, then send the request again.",
        ),
        "csrf_failed": Kind(
            403,
            "Not proved to come from our page",
            "A request with a session's cookie changes something and has no valid CSRF token as header and cookie.",
            "Get a token with GET /csrf-token and send it as the header X-CSRF-Token, beside its cookie.",
        ),
        "forbidden": Kind(
            403,
            "Not allowed",
            "The caller is known, and its role may not do this; allowed_roles says who may.",
            "Call as another role. Sending the same request again changes nothing.",
        ),
        "invalid_link": Kind(
            403,
            "Link not valid",
            "The signed link to a file was changed or has expired; links live for an hour.",
            "Ask for the result of the pipeline again: it carries fresh links.",
        ),
        "origin_not_allowed": Kind(
            403,
            "Origin not allowed",
            "A web page of another origin asked to call the service from a browser, or to begin a session in it.",
            "Call from one of the origins that the service is set up for, or from a server.",
        ),
        "role_too_high": Kind(
            403,
            "Role too high",
            "The role asked for may do more than the caller's own, and nobody hands on what they have not.",
            "Ask for a role that covers no more than yours.",
        ),
        # 404 and 405: what is asked for
        "not_found": Kind(
            404,
            "Not found",
            "Nothing is served at this path, or there is no such thing that the caller may see. What belongs to "
            "somebody else looks the same as what does not exist.",
            "Check the id and the account that the token belongs to.",
        ),
        "method_not_allowed": Kind(
            405,
            "Method not allowed",
            "The path exists and does not take this method; the header Allow lists those it takes.",
            "Use one of the methods of Allow.",
        ),
        # 409: what is asked for does not fit what stands
        "asset_not_arrived": Kind(
            409,
            "File not complete",
            "The bytes of the asset have not arrived, or not as many as were announced.",
            "Send the whole file to the upload's URL with its headers, then complete it again.",
        ),
        "already_ended": Kind(
            409,
            "Already ended",
            "The pipeline has completed or failed, so it cannot be cancelled.",
            "Nothing is left to do; GET /pipeline/{id} shows how it ended.",
        ),
        "key_not_active": Kind(
            409,
            "Not the key in use",
            "The API key was replaced, revoked or has expired; only the newest version of one that works is rotated.",
            "Rotate the version that successor names, or make a new key.",
        ),
        "key_of_service": Kind(
            409,
            "Key of a service",
            "The API key is rotated for a service, which reads it from a secret.",
            "Use POST /admin/api-keys/rotate with the name of the service.",
        ),
        "rotation_in_progress": Kind(
            409,
            "Rotation in progress",
            "Somebody else rotates the same key at this moment, and only one of two rotations is done.",
            "Look at GET /api-keys for its outcome, and rotate again only if you need yet another key.",
        ),
        "secret_missing": Kind(
            409,
            "Secret not declared",
            "The secret that a service reads its key from does not exist, and may not be made by this function.",
            "Declare it in terraform, then rotate again.",
        ),
        "own_role": Kind(
            409,
            "Your own role",
            "An admin would lose the role of an admin by their own hand.",
            "Have another admin change it.",
        ),
        "idempotency_in_progress": Kind(
            409,
            "Still in progress",
            "The first request with this Idempotency-Key is still being handled.",
            "Send the same request with the same key again after Retry-After seconds.",
        ),
        "not_waiting": Kind(
            409,
            "Not waiting for approval",
            "The pipeline has no plan that waits for a decision: it has not come so far, somebody was faster, or it "
            "runs without a gate.",
            "Look at GET /pipeline/{id}: approve while its status is awaiting_approval.",
        ),
        "no_plan": Kind(
            409,
            "No plan yet",
            "The pipeline has not come so far that there is a plan, or it ended before.",
            "Ask again once its status is awaiting_approval, or once it makes its assets.",
        ),
        "not_finished": Kind(
            409,
            "Not finished yet",
            "The pipeline is still being made, so there is no video to pack.",
            "Ask again once it has completed; format=json and format=csv work at any time.",
        ),
        "plan_changed": Kind(
            409,
            "Plan changed meanwhile",
            "Somebody edited the plan after it was read for this decision.",
            "Look at GET /pipeline/{id}/plan and decide again.",
        ),
        "plan_not_editable": Kind(
            409,
            "Plan not editable now",
            "A plan can be edited while it waits for approval, and once its video is finished.",
            "Do what detail says: wait for one or the other, or start another pipeline.",
        ),
        "too_many_revisions": Kind(
            409,
            "Too many revisions",
            "One video was revised as often as it may be.",
            "Start a new pipeline. What was already made is reused.",
        ),
        "pipeline_cancelled": Kind(
            409,
            "Pipeline cancelled",
            "The pipeline was cancelled, so there will be no result.",
            "Start a new pipeline.",
        ),
        "pipeline_failed": Kind(
            409,
            "Pipeline failed",
            "The pipeline failed, so there will be no result; failure says at which step and why.",
            "Correct what failure names and start a new pipeline. What was already made is reused.",
        ),
        "too_many_webhooks": Kind(
            409,
            "Too many webhooks",
            "The caller has as many webhooks as anybody may have.",
            "Delete one that is no longer needed, or let one hear more events.",
        ),
        "webhook_off": Kind(
            409,
            "Webhook switched off",
            "The webhook was switched off, by its owner or because its receiver took no messages; its reason says why.",
            'Switch it on with PATCH /webhooks/{id} {"enabled": true}, then send the request again.',
        ),
        "delivery_waiting": Kind(
            409,
            "Delivery still waiting",
            "The message still waits for an attempt of its own, so it is not sent a second time.",
            "Wait until it is delivered or failed; next_attempt_at says when it is tried.",
        ),
        # 410: it was there
        "files_gone": Kind(
            410,
            "Files deleted",
            "The files of the pipeline were deleted, as they are some time after their delivery.",
            "Start the pipeline again; what is known of the old one is still there as format=json.",
        ),
        # 412: it stood when it was read, and does not any more
        "precondition_failed": Kind(
            412,
            "Changed meanwhile",
            "If-Match names another version than the one that stands: somebody changed it since it was read.",
            "Get it again, apply the change to what stands now, and send the new ETag in If-Match.",
        ),
        # 413 to 416, 431: the shape of what was sent
        "export_too_large": Kind(
            413,
            "Too large for one archive",
            "The files of the pipeline are larger together than an archive may be; most_bytes says how large that is.",
            "Fetch them one by one by the links of GET /pipeline/{id}/result.",
        ),
        "body_too_large": Kind(
            413,
            "Body too large",
            "More bytes arrived than this service reads; what was read counts, not the header.",
            "Send a smaller body; detail names the limit.",
        ),
        "uri_too_long": Kind(
            414,
            "Query too long",
            "The query string is longer than this service reads.",
            "Ask for less at once; detail names the limit.",
        ),
        "unsupported_media_type": Kind(
            415,
            "Media type not supported",
            "The body is declared as something else than JSON.",
            "Send JSON with the header Content-Type: application/json.",
        ),
        "range_not_satisfiable": Kind(
            416,
            "Range not satisfiable",
            "The range lies outside of the file; Content-Range says how long it is.",
            "Ask for a range within the file, or for all of it.",
        ),
        "request_timeout": Kind(
            408,
            "Request too slow",
            "The head of the request began and did not end in time.",
            "Send the request at once; a proxy in between may hold it back.",
        ),
        "headers_too_large": Kind(
            431,
            "Headers too large",
            "The headers of the request are larger than this service reads.",
            "Send fewer or shorter headers; cookies are the usual reason.",
        ),
        "upgrade_required": Kind(
            426,
            "WebSocket only",
            "The path speaks WebSocket, and the request does not ask for it.",
            "Open it with a WebSocket client, or use the server-sent events of the same pipeline.",
        ),
        "too_many_connections": Kind(
            429,
            "Too many live connections",
            "The caller has as many WebSockets and event streams open as one caller may.",
            "Close one that is no longer needed, then connect again; one connection per pipeline is enough.",
        ),
        # 422: it can be read, and does not fit
        "invalid_request": Kind(
            422,
            "Invalid request",
            "A field or parameter is missing, unknown or does not fit; errors names each one by a JSON pointer.",
            "Correct what errors names. Sending the same request again changes nothing.",
        ),
        "provider_key": Kind(
            422,
            "Key of a provider",
            "The key of a provider is made by the provider; this service can only use it.",
            "Make a new key at the provider and add it as a new version of its secret.",
        ),
        "content_refused": Kind(
            422,
            "Content not allowed",
            "The text asks for something that this service does not make.",
            "Change the text; detail says what it was refused for.",
        ),
        "edit_refused": Kind(
            422,
            "Edit not allowed",
            "The edited plan changes what is locked, or does not fit the preset; errors says where.",
            "Start from the waiting plan and change its scenes, music_style or voice only.",
        ),
        "asset_refused": Kind(
            422,
            "File not usable",
            "The bytes that were sent are no picture, clip or sound of the kind that was announced, or are damaged.",
            "Announce the file again with its true kind and type, and send one that opens elsewhere.",
        ),
        "url_refused": Kind(
            422,
            "URL not allowed",
            "Messages are sent by https to servers that the whole internet can reach, and to no others.",
            "Give an https URL on port 443 or 8443 of a public host, without credentials; detail says what is wrong.",
        ),
        "unknown_file": Kind(
            422,
            "No such file",
            "The request names a picture, clip, logo or piece of music that is not stored.",
            "Send the file as an asset, complete it, and use the object of the answer.",
        ),
        "idempotency_key_reused": Kind(
            422,
            "Idempotency-Key used before",
            "This Idempotency-Key came with another body within the last 24 hours.",
            "Use a new key for a new request.",
        ),
        # 429: too often
        "quota_exceeded": Kind(
            429,
            "Too many requests",
            "More requests came within a minute than one address, one caller or one caller of this function may send; "
            "violated-policies says which quota it was.",
            "Come again after Retry-After seconds; the headers RateLimit-Policy and RateLimit tell what is left.",
        ),
        # 500 and 503: not the client's doing
        "internal": Kind(
            500,
            "Internal error",
            "The service failed to handle the request. The cause is in its log under request_id.",
            "Send it again with the same Idempotency-Key; report request_id when it stays.",
        ),
        "unavailable": Kind(
            503,
            "Unavailable for a moment",
            "The service cannot reach something it needs. Whether a change was made is not known.",
            "Send it again after Retry-After seconds; with the same Idempotency-Key nothing happens twice.",
        ),
    }
)
