# What OpenAPI cannot say about a valid request: that something must be there, or be at that version, that a cursor must come from
# the list itself, that two parameters exclude each other. Such a refusal is a problem document with a code of its own; each line
# lets through exactly one, and says why. Everything else that a check finds stays a failure.
import json
import re

import schemathesis


# Of each group the first one stays: most requests with several of them would be refused, and nothing behind that be looked at.
EXCLUDE_EACH_OTHER = {
    "/users/{id}": [("atVersion", "at", "replay"), ("atVersion", "at", "minVersion")],
    "/users/{id}/events": [("merged", "afterVersion")],
}


@schemathesis.hook
def before_call(context, case, kwargs):
    query = case.query or {}
    # An invalid request stays as it is: what makes it invalid may be among these. Every fourth one does too.
    if case.meta is None or not case.meta.generation.mode.is_positive or len(json.dumps(query, default=str)) % 4 == 0:
        return
    for group in EXCLUDE_EACH_OTHER.get(case.operation.path, []):
        for name in [one for one in group if one in query][1:]:
            del query[name]


def problem_of(response):
    if response.headers.get("content-type", [""])[0] != "application/problem+json":
        return {}
    return json.loads(response.content)


def errors_match(problem, pointer, detail):
    errors = problem.get("errors", [])
    return bool(errors) and all(
        re.fullmatch(pointer, one["pointer"]) and re.match(detail, one["detail"]) for one in errors
    )


# Refusals of requests that are valid by their schema alone: the code, and what the request must hold for it.
STATES = {
    # Another request deleted or removed it.
    "deleted": lambda headers, query: True,
    # A tag is any text; only the current version's is let through.
    "if-match-failed": lambda headers, query: "If-Match" in headers,
    # The caller asked for it.
    "reference-unknown": lambda headers, query: str(query.get("strict")).lower() == "true",
    # The same key came before with another body.
    "idempotency-key-reused": lambda headers, query: "Idempotency-Key" in headers,
}

RELATIONS = [
    # A cursor is what the list handed out; no pattern tells one list's from another's.
    (r"\?cursor", r"It is no cursor of this list"),
    # Parameters that exclude each other.
    (r"\?(replay|minVersion|at|afterVersion)", r"It does not go with (atVersion|at|merged)"),
    # The number of buckets follows from another parameter.
    (r"\?bucket", r"There is no bucket \d+: \d+ bits name the buckets"),
]


def refused_for_a_reason(case, problem):
    code = problem.get("code")
    if code in STATES:
        return STATES[code](case.headers or {}, case.query or {})
    return code == "invalid-request" and any(errors_match(problem, *relation) for relation in RELATIONS)


def not_reached(case, problem):
    # The read model is not there yet: 503 with Retry-After is the promised answer, but only to who asks for a version.
    return problem.get("code") == "version-not-yet" and "minVersion" in (case.query or {})


def unknown_method(case, problem):
    # A method that no route has is answered as a path that no route has: which routes exist is not told to strangers.
    if problem.get("code") == "not-found" and problem.get("detail", "").startswith("There is no route "):
        return True
    # To every method but POST, `retry` is the key of `/admin/held/{key}`, and no such key is held.
    return case.operation.path == "/admin/held/retry" and problem.get("code") in ("not-found", "invalid-request")


EXPECTED = {
    "RejectedPositiveData": lambda case, problem: refused_for_a_reason(case, problem) or not_reached(case, problem),
    "ServerError": not_reached,
    "UnsupportedMethodResponse": unknown_method,
}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    expected = EXPECTED.get(type(failure).__name__)
    return expected is None or not expected(case, problem_of(response))
