"""The request log of the local AWS stand-in.

It never holds a signature, a token or an Authorization header.
"""

import re
import threading

# Query parameters of presigned URLs; their values stay out of the log.
_SECRET_PARAMETERS = re.compile(r"(X-Amz-(?:Security-Token|Signature|Credential)=)[^&]*", re.IGNORECASE)


class RequestLog:
    """Entries in order of arrival, and how many requests were in flight."""

    def __init__(self):
        self._lock = threading.Lock()
        self._entries = []
        self._number = 0
        self._in_flight = {}
        self._most = {}

    def begin(self, connection, request, call, now):
        """Adds the entry of a request that has just arrived."""
        with self._lock:
            self._number += 1
            for name in (None, call.action):
                self._in_flight[name] = self._in_flight.get(name, 0) + 1
                self._most[name] = max(self._most.get(name, 0), self._in_flight[name])
            entry = {
                "n": self._number,
                "time": round(now, 6),
                "conn": connection,
                "method": request.method,
                "target": _SECRET_PARAMETERS.sub(r"\1-", request.target),
                "host": request.header("host"),
                "service": call.service,
                "action": call.action,
                "region": call.region,
                "access_key": call.access_key,
                "in_flight": self._in_flight[None],
                "status": None,
                "refused": None,
                "fault": None,
            }
            self._entries.append(entry)
            return entry

    def end(self, entry, status):
        """Notes the status of the answer (0: none was given)."""
        with self._lock:
            entry["status"] = status
            for name in (None, entry["action"]):
                self._in_flight[name] -= 1

    def entries(self, wanted):
        """The entries whose fields have the wanted values (compared as text)."""
        with self._lock:
            return [dict(entry) for entry in self._entries
                    if all(str(entry[name]) == value for name, value in wanted.items())]

    def clear(self):
        with self._lock:
            self._entries.clear()
            self._most = dict(self._in_flight)

    def max_in_flight(self, action):
        """The most requests in flight at a time since the last clear."""
        with self._lock:
            return self._most.get(action, 0)
