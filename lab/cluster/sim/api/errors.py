"""Refusals of the API server, in its words."""

from lab.cluster.sim.api.kinds import Kind

__all__ = ["ApiError"]


class ApiError(Exception):
    """A refused request: HTTP status, reason and message."""

    def __init__(
        self, code: int, reason: str, message: str, *, kind: Kind | None = None, name: str = "",
        causes: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.kind = kind
        self.name = name
        self.causes = causes

    def status(self) -> dict[str, object]:
        """Return it as the Status object that the API answers with."""
        details: dict[str, object] = (
            {"name": self.name, "group": self.kind.group, "kind": self.kind.plural} if self.kind else {}
        )
        if self.causes:
            details["causes"] = [
                {"message": message, "field": field}
                for field, _, message in (cause.partition(": ") for cause in self.causes)
            ]
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": {key: value for key, value in details.items() if value},
            "code": self.code,
        }

    @classmethod
    def not_found(cls, kind: Kind, name: str) -> "ApiError":
        """The object does not exist."""
        return cls(404, "NotFound", f'{kind.full} "{name}" not found', kind=kind, name=name)

    @classmethod
    def already_exists(cls, kind: Kind, name: str) -> "ApiError":
        """An object of that name exists."""
        return cls(409, "AlreadyExists", f'{kind.full} "{name}" already exists', kind=kind, name=name)

    @classmethod
    def conflict(cls, kind: Kind, name: str) -> "ApiError":
        """The object was changed after it was read."""
        return cls(
            409,
            "Conflict",
            f'Operation cannot be fulfilled on {kind.full} "{name}": the object has been modified; '
            "please apply your changes to the latest version and try again",
            kind=kind,
            name=name,
        )

    @classmethod
    def forbidden(cls, kind: Kind, name: str, why: str) -> "ApiError":
        """Admission refuses it."""
        return cls(403, "Forbidden", f'{kind.full} "{name}" is forbidden: {why}', kind=kind, name=name)

    @classmethod
    def invalid(cls, kind: Kind, name: str, *causes: str) -> "ApiError":
        """The object breaks rules of its kind."""
        said = causes[0] if len(causes) == 1 else f"[{', '.join(causes)}]"
        named = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
        return cls(422, "Invalid", f'{named} "{name}" is invalid: {said}', kind=kind, name=name, causes=causes)

    @classmethod
    def bad_request(cls, message: str) -> "ApiError":
        """The request can't be decoded."""
        return cls(400, "BadRequest", message)
