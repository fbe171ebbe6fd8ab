"""The key table of the local AWS stand-in: who a key is and what it may not do."""

import datetime
import fnmatch
import threading
import time
from dataclasses import dataclass

from sigv4_check import Refused


@dataclass
class Key:
    """One access key as given in the seed."""

    access_key: str
    secret_key: str
    account: str
    arn: str
    user_id: str
    session_token: str = None
    expires_at: float = None
    active: bool = True
    deny: tuple = ()

    def expired(self, now):
        return self.expires_at is not None and now >= self.expires_at

    def check_allowed(self, service, action, resource, region):
        """Raises Refused when a rule 'service:Action[:resource]' denies the call."""
        for rule in self.deny:
            wanted = (rule.split(":", 2) + ["*", "*"])[:3]
            if all(fnmatch.fnmatchcase(have, want)
                   for have, want in zip((service, action, resource), wanted)):
                raise Refused("denied", _denial(self, service, action, resource, region))


def _denial(key, service, action, resource, region):
    if service == "s3" and action != "ListBuckets":
        return "Access Denied"
    permission = f"{service}:{'ListAllMyBuckets' if action == 'ListBuckets' else action}"
    target = ""
    if service == "dynamodb":
        target = f" on resource: arn:aws:dynamodb:{region}:{key.account}:table/{resource or '*'}"
    return (f"User: {key.arn} is not authorized to perform: {permission}{target}"
            f" because no identity-based policy allows the {permission} action")


def _parse_time(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp()


def _key_from_seed(entry):
    expires_at = None
    if entry.get("expires"):
        expires_at = _parse_time(entry["expires"])
    elif entry.get("expires_in") is not None:
        expires_at = time.time() + entry["expires_in"]
    return Key(
        access_key=entry["access_key"],
        secret_key=entry["secret_key"],
        account=entry["account"],
        arn=entry["arn"],
        user_id=entry["user_id"],
        session_token=entry.get("session_token"),
        expires_at=expires_at,
        active=entry.get("status", "Active") == "Active",
        deny=tuple(entry.get("deny", ())),
    )


class KeyTable:
    """All keys, replaced one by one while requests are served."""

    def __init__(self):
        self._lock = threading.Lock()
        self._keys = {}

    def get(self, access_key):
        return self._keys.get(access_key)

    def seed(self, entries, removed=()):
        """Adds or replaces keys, and forgets the removed ones."""
        fresh = {key.access_key: key for key in map(_key_from_seed, entries)}
        with self._lock:
            keys = {**self._keys, **fresh}
            for access_key in removed:
                keys.pop(access_key, None)
            self._keys = keys
        return len(fresh)
