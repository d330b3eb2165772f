"""The few ways Casebook refuses, each naming its subject and the remedy."""

from __future__ import annotations


class CasebookError(Exception):
    """What happened, where it happened, and what to do about it.

    Parameters
    ----------
    what : str
        One sentence that names the subject: a file, a column, a parameter.
    where : str, optional
        File, and line where there is one: ``"posts.csv, line 37"``.
    remedy : str, optional
        What the reader can do now, as an instruction.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.what, self.where, self.remedy = what, where, remedy
        head = f"{where}: {what}" if where else what
        super().__init__(f"{head}\n  -> {remedy}" if remedy else head)

    def __reduce__(self) -> tuple[object, ...]:
        return (_again, (type(self), self.what, self.where, self.remedy))


def _again(
    kind: type[CasebookError], what: str, where: str | None, remedy: str | None
) -> CasebookError:
    return kind(what, where=where, remedy=remedy)


class CaseError(CasebookError):
    """The case folder or its case.yaml is not as it should be."""


class EvidenceError(CasebookError):
    """The evidence or its log does not agree with itself."""


class ReaderError(CasebookError):
    """A file claims a known format and cannot be read as one."""


class TableError(CasebookError):
    """A table lacks a column, or a value has the wrong type."""


class ParameterError(CasebookError):
    """A notebook parameter is unknown or has the wrong type."""

    exit_code = 2


class ClaimError(CasebookError):
    """A claim, judgement or grade breaks a rule."""


class StepError(CasebookError):
    """A step of the chain did not finish."""

    exit_code = 4
