"""What a guard is, and the SQL that many of them share."""

from dataclasses import dataclass

PREFIX = "guard_"


@dataclass(frozen=True)
class Guard:
    """Refuse `on` (INSERT, UPDATE, DELETE, TRUNCATE) at `table` whenever `refuse_if` holds, with `message`."""

    name: str
    table: str
    on: str
    refuse_if: str
    message: str

    @property
    def trigger(self) -> str:
        return f"{PREFIX}{self.name}_{self.on.lower()}"


def differs(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns) + ")"


def each(name: str, table: str, refuse_if: dict[str, str], message: str) -> list[Guard]:
    return [Guard(name, table, on, condition, message) for on, condition in refuse_if.items()]


def unless_draft_revision(row: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM assessments_frameworkrevision r WHERE r.id = {row}.revision_id AND r.status <> 'draft')"
    )
