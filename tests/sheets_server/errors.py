"""Refusals in Google's own shape, which differs between Sheets and Drive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
}
NO_QUOTA = (
    "Service Accounts do not have storage quota. Leverage shared drives "
    "(https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use OAuth delegation "
    "(http://support.google.com/a/answer/7281227) instead."
)
BAD_TOKEN = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class ApiError(Exception):
    """A refusal. `violation` says how the request broke the discovery document, when it did."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: str = "",
        details: Sequence[Mapping[str, Any]] = (),
        reason: str = "",
        domain: str = "global",
        location: str = "",
        violation: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUS.get(code, "UNKNOWN")
        self.details = list(details)
        self.reason = reason
        self.domain = domain
        self.location = location
        self.violation = violation
        self.headers = dict(headers or {})

    def body(self, api: str) -> dict[str, Any]:
        """Drive names a reason in `errors`; Sheets a status, and details where there are some."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if api == "drive":
            entry: dict[str, Any] = {"message": self.message, "domain": self.domain, "reason": self.reason}
            if self.location:
                kind = "header" if self.location == "Authorization" else "parameter"
                entry |= {"location": self.location, "locationType": kind}
            error["errors"] = [entry]
            if self.details or self.code in (401, 429):
                error["status"] = self.status
        else:
            error["status"] = self.status
        if self.details:
            error["details"] = self.details
        return {"error": error}


def bad_request(message: str, violation: str = "") -> ApiError:
    return ApiError(400, message, violation=violation, reason="badRequest")


def invalid_mask(fields: str, path: str) -> ApiError:
    """Sheets tells only in the details what is wrong with a mask; Drive in the message."""
    description = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    return ApiError(
        400,
        "Request contains an invalid argument.",
        details=[_bad_field(fields, description)],
        violation=f"field mask {fields!r}: {path!r} isn't in the schema",
    )


def unknown_name(name: str, where: str) -> ApiError:
    at = f" at '{where}'" if where else ""
    message = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
    return ApiError(400, message, details=[_bad_field(where, message)], violation=f"unknown property {where}.{name}")


def _bad_field(field: str, description: str) -> dict[str, Any]:
    violation = {"field": field, "description": description}
    return {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}


def file_not_found(file_id: str) -> ApiError:
    return ApiError(404, f"File not found: {file_id}.", reason="notFound", location="fileId")


def no_entity() -> ApiError:
    return ApiError(404, "Requested entity was not found.")


def no_permission() -> ApiError:
    return ApiError(403, "The caller does not have permission")


def office_file() -> ApiError:
    return ApiError(400, "This operation is not supported for this document", status="FAILED_PRECONDITION")


def no_storage() -> ApiError:
    return ApiError(403, NO_QUOTA, reason="storageQuotaExceeded", domain="usageLimits")


def unauthenticated() -> ApiError:
    challenge = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    return ApiError(401, BAD_TOKEN, reason="authError", location="Authorization", headers=challenge)


def scope_missing(service: str, method: str) -> ApiError:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": service, "method": method},
    }
    message = "Request had insufficient authentication scopes."
    return ApiError(403, message, details=[info], reason="insufficientPermissions")


def too_many(service: str, metric: str, limit: str, value: int, headers: Mapping[str, str] | None = None) -> ApiError:
    """`metric`: "Read requests"; `limit`: "Read requests per minute per user"."""
    name = limit.title().replace(" ", "")
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "service": service,
            "consumer": "projects/730100000001",
            "quota_metric": f"{service}/{metric.lower().replace(' ', '_')}",
            "quota_limit": name,
            "quota_limit_value": str(value),
            "quota_location": "global",
            "quota_unit": "1/min/{project}/{user}" if "user" in limit else "1/min/{project}",
        },
    }
    message = (
        f"Quota exceeded for quota metric '{metric}' and limit '{limit}' of service '{service}' "
        f"for consumer 'project_number:730100000001'."
    )
    help_link = {
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [
            {
                "description": "Request a higher quota limit.",
                "url": "https://cloud.google.com/docs/quotas/help/request_increase",
            }
        ],
    }
    return ApiError(
        429, message, details=[info, help_link], reason="rateLimitExceeded", domain="usageLimits", headers=headers
    )


def service_disabled(service: str) -> ApiError:
    """Nobody switched the API on in the project of the service account."""
    title = "Google Drive API" if service.startswith("drive") else "Google Sheets API"
    address = f"https://console.developers.google.com/apis/api/{service}/overview?project=730100000001"
    message = (
        f"{title} has not been used in project 730100000001 before or it is disabled. Enable it by visiting {address} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": service, "consumer": "projects/730100000001"},
    }
    return ApiError(403, message, details=[info], reason="accessNotConfigured", domain="usageLimits")


def drive_rate_limit() -> ApiError:
    message = (
        "User Rate Limit Exceeded. Rate of requests for user exceed configured project quota, you may consider "
        "re-evaluating expected per-user traffic to the API and adjust project quota limits accordingly."
    )
    return ApiError(403, message, reason="userRateLimitExceeded", domain="usageLimits")
