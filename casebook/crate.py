"""The description of a package for machines: RO-Crate, with the profiles of workflow runs.

The run is one action, each notebook an instrument with an action of its own. Moments are those that
``run.json`` holds, and no other.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from casebook import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

METADATA = "ro-crate-metadata.json"
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
CRATE = "https://w3id.org/ro/crate/1.1"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
LANGUAGE = "https://w3id.org/workflowhub/workflow-ro-crate#jupyter"
WORKFLOW = "workflow.json"
PARAMETER = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
FORMATS = {
    ".html": "text/html", ".pdf": "application/pdf", ".csv": "text/csv",
    ".json": "application/json", ".txt": "text/plain", ".py": "text/x-python",
    ".ipynb": "application/x-ipynb+json",
}  # fmt: skip

Entity = dict[str, Any]


def crate(
    run: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    title: str,
    question: str,
    people: Iterable[str],
) -> bytes:
    """Return ``ro-crate-metadata.json`` for the files of an edition.

    Parameters
    ----------
    run : mapping
        The record of the run: ``run_id``, ``inputs``, ``versions``, ``steps``, ``finished``.
    files : mapping
        Name -> content; `WORKFLOW` among them is the workflow.
    title, question : str
        Of the case.
    people : iterable of str
        Aliases of the investigators, who answer for the run.

    References
    ----------
    RO-Crate 1.1; Workflow Run RO-Crate profiles 0.5; Workflow RO-Crate 1.0.
    """
    agents = [_agent(name) for name in people]
    inputs = [_input(name, sha) for name, sha in sorted(run.get("inputs", {}).items())]
    steps = [dict(s) for s in run.get("steps", [])]
    notebooks = [f"notebooks/{s['step']}.ipynb" for s in steps]
    parameters = [_parameter(s["step"], k, v) for s in steps for k, v in _given(s)]
    inside = [
        _file(name, content)
        for name, content in sorted(files.items())
        if name not in {WORKFLOW, *notebooks}
    ]
    went_in = [*(i for i in inputs if i["@id"][1:] not in notebooks), *parameters]
    ends = str(run.get("finished", ""))
    whole = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"casebook run {run.get('run_id', '')}",
        "instrument": {"@id": WORKFLOW},
        "description": "All notebooks of the case in their order, unattended, and the report.",
        "object": _ids(went_in),
        "result": _ids(inside),
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        **({"agent": _ids(agents)} if agents else {}),
        **_times(steps, ends),
    }
    actions = [_action(s) for s in steps]
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": [{"@id": CRATE}, {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"}],
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": title,
            "description": question,
            "datePublished": ends[:10],
            "license": {"@id": "#license"},
            "conformsTo": [{"@id": name} for name in PROFILES],
            "mainEntity": {"@id": WORKFLOW},
            "hasPart": [{"@id": n} for n in (WORKFLOW, *notebooks)] + _ids(inside),
            "mentions": _ids([whole, *actions]),
        },
        {
            "@id": "#license",
            "@type": "CreativeWork",
            "name": "The authors decide",
            "description": "The authors of the report decide who may use it and how; ask them.",
        },
        *(
            {"@id": name, "@type": "CreativeWork", "name": said, "version": name.rpartition("/")[2]}
            for name, said in PROFILES.items()
        ),
        {
            **_file(WORKFLOW, files.get(WORKFLOW, b"")),
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": "The notebooks of the case, in their order",
            "programmingLanguage": {"@id": LANGUAGE},
            "version": _version(run),
            "url": {"@id": WORKFLOW},
            "hasPart": [{"@id": name} for name in notebooks],
            "output": {"@id": "#report"},
        },
        {
            "@id": LANGUAGE,
            "@type": "ComputerLanguage",
            "name": "Jupyter notebook",
            "url": {"@id": "https://jupyter.org/"},
        },
        {
            "@id": "#report",
            "@type": "FormalParameter",
            "additionalType": "File",
            "conformsTo": {"@id": PARAMETER},
            "name": "report",
            "description": "The report, as one page.",
            "workExample": {"@id": "report.html"},
        },
        whole,
        *actions,
        *(
            {**_file(name, files.get(name, b"")), **_notebook(s, run)}
            for name, s in zip(notebooks, steps, strict=True)
        ),
        *went_in,
        *agents,
        *inside,
    ]  # fmt: skip
    held = {"@context": CONTEXT, "@graph": graph}
    return (json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def workflow(run: Mapping[str, Any]) -> bytes:
    """Return which notebooks ran in which order with which parameters, as one file."""
    steps = [
        {
            "step": s["step"],
            "notebook_sha256": s.get("notebook_sha256", ""),
            "parameters": s.get("parameters", {}),
        }
        for s in run.get("steps", [])
    ]
    held = {"versions": run.get("versions", {}), "steps": steps}
    return (json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def _ids(entities: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{"@id": e["@id"]} for e in entities]


def _agent(name: str) -> Entity:
    return {"@id": f"#{name}", "@type": "Person", "name": name}


def _input(name: str, sha256: str) -> Entity:
    """Return something that went in and stays with the authors: its hash, and no file."""
    return {
        "@id": f"#{name}",
        "@type": "CreativeWork",
        "name": name,
        "identifier": f"sha256:{sha256}",
        "description": "Stays with the authors; level 3 of checking needs it.",
    }


def _given(step: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(k, v) for k, v in sorted(step.get("parameters", {}).items()) if k != "case"]


def _parameter(step: str, name: str, value: Any) -> Entity:
    return {
        "@id": f"#{step}/{name}",
        "@type": "PropertyValue",
        "name": f"{step}: {name}",
        "value": value if isinstance(value, (bool, int, float)) else str(value),
    }


def _notebook(step: Mapping[str, Any], run: Mapping[str, Any]) -> Entity:
    return {
        "@type": ["File", "SoftwareSourceCode"],
        "identifier": f"casebook-code-sha256:{step.get('notebook_sha256', '')}",
        "version": _version(run),
        "programmingLanguage": {"@id": LANGUAGE},
    }


def _version(run: Mapping[str, Any]) -> str:
    return str(run.get("versions", {}).get("casebook", __version__))


def _action(step: Mapping[str, Any]) -> Entity:
    return {
        "@id": f"#run/{step['step']}",
        "@type": "CreateAction",
        "name": f"run of {step['step']}.ipynb",
        "description": f"{step['step']} with its parameters, in a kernel of its own.",
        "instrument": {"@id": f"notebooks/{step['step']}.ipynb"},
        "object": [{"@id": f"#{step['step']}/{k}"} for k, _ in _given(step)],
        "result": [{"@id": "report.html"}],
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        **_times([step], ""),
    }


def _times(steps: list[dict[str, Any]] | list[Mapping[str, Any]], ends: str) -> dict[str, str]:
    """Return when the steps began and ended, as far as the record says."""
    started = sorted(str(s["started"]) for s in steps if s.get("started"))
    ended = ends or max((str(s["ended"]) for s in steps if s.get("ended")), default="")
    return {
        **({"startTime": started[0]} if started else {}),
        **({"endTime": ended} if ended else {}),
    }


def _file(name: str, content: bytes) -> Entity:
    suffix = f".{name.rpartition('.')[2]}"
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        **({"encodingFormat": FORMATS[suffix]} if suffix in FORMATS else {}),
        **({"exampleOfWork": {"@id": "#report"}} if name == "report.html" else {}),
    }
